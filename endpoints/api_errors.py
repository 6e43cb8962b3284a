"""A refusal of the HTTP interface, in the shape that OpenAI's clients read."""

from __future__ import annotations


class Refusal(Exception):
    """Ends a request with a status, an error object and, where there is one, the name of the field that is meant."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        kind: str = "invalid_request_error",
        param: str | None = None,
        **headers: str,
    ) -> None:
        super().__init__(message)
        self.status, self.headers = status, {name.replace("_", "-"): value for name, value in headers.items()}
        self.body: dict[str, dict[str, object]] = {
            "error": {"message": message, "type": kind, "param": param, "code": code}
        }
