"""The sockets."""

from __future__ import annotations

from django.urls import path

from endpoints.consumers import ChatConsumer

websocket_urlpatterns = [path("ws/chat/<slug:slug>/", ChatConsumer.as_asgi())]
