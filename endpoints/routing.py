"""The sockets."""

from __future__ import annotations

import logging

from channels.generic.websocket import AsyncWebsocketConsumer
from django.urls import path, re_path

from endpoints.consumers import ChatConsumer

logger = logging.getLogger(__name__)
NOTHING_HERE = 4404


class Nowhere(AsyncWebsocketConsumer):  # type: ignore[misc]
    """No chat is at this address. It is refused in one line, as often as somebody tries."""

    async def connect(self) -> None:
        logger.info("A socket was refused: nothing is at %s", self.scope["path"][:100])
        await self.close(NOTHING_HERE)


websocket_urlpatterns = [
    path("ws/chat/<slug:slug>/", ChatConsumer.as_asgi()),
    re_path("", Nowhere.as_asgi()),
]
