"""Whoever asks: somebody signed in, or nobody by name. The site that puts the packages together says what a user is."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

User = AbstractBaseUser | AnonymousUser
"""What `request.user` is."""
Doer = User | None
"""Who did something; None where a command did it, on a machine where nobody has signed up yet."""


def key(user: Doer) -> int | None:
    """The key of who is signed in; None for a visitor, and where nobody asked."""
    found: int | None = user.pk if user is not None and user.is_authenticated else None
    return found
