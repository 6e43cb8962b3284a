"""The door of the web process: HTTP to Django, sockets to the chat consumer."""

from __future__ import annotations

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
http = get_asgi_application()

from endpoints.routing import websocket_urlpatterns  # noqa: E402  (models need the settings first)
from studio import threads  # noqa: E402
from studio.door import Door  # noqa: E402

threads.watch()
sockets = AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
application = Door(ProtocolTypeRouter({"http": http, "websocket": sockets}))
