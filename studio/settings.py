"""Every knob of the studio. All come from the environment; all work with nothing set."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from endpoints.engine import knobs
from studio import env, private, running
from training import basemodels

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = (re.search(r"^## (\d\S*)", (BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8"), re.M) or ["", "0"])[1]

# Where the state lives: database, files, queue, logs, models. Deleting it is a fresh start, copying it a backup.
HOME = env.folder("ATELIER_HOME", BASE_DIR / "var")
private.begin(HOME)
DATA_ROOT = env.folder("ATELIER_DATA", HOME / "data")
MODELS_ROOT = env.folder("ATELIER_MODELS", HOME / "models")
LOG_ROOT = HOME / "logs"
RUNNING = running.read(HOME)

DEBUG = env.boolean("DEBUG", False)
SECRET_KEY = env.kept_secret("SECRET_KEY", HOME / "secret_key")
# What tells this studio from others on the machine or at a shared engine. Every process of it knows the secret key.
STUDIO_ID = (
    env.shaped("STUDIO_ID", "", re.compile(r"[A-Za-z0-9_-]{1,40}"), "up to 40 letters and digits")
    or hashlib.sha256(f"studio {SECRET_KEY}".encode()).hexdigest()[:8]
)
SITE_URL = env.address("SITE_URL", RUNNING.site_url or "http://localhost:8000", "http", "https")
SITE_URL_GIVEN = bool(env.text("SITE_URL"))
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", env.text("SITE_URL"))
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS", SITE_URL)
SECURE = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
# How many proxies stand in front, and from which networks they ask: `projects.asking` says who is behind them.
PROXIES = env.hops("BEHIND_PROXY")
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", "127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
CSRF_FAILURE_VIEW = "studio.views.stale_form"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "studio",
    "projects",
    "training",
    "endpoints",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "channels",
    "csp",
    "django_htmx",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "endpoints.addresses.middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "studio.middleware.preferences",
    "studio.middleware.first_visit",
    "studio.middleware.known_device",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "studio.middleware.nothing_to_look_at",
    "studio.resending.middleware",
    "projects.errors.middleware",
]

ROOT_URLCONF = "studio.urls"
ASGI_APPLICATION = "studio.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "studio.context.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Databases, queue, channels --------------------------------------------------------------------------------
DATABASES = {"default": env.database("DATABASE_URL", HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.address("REDIS_URL", "", "redis", "rediss", "unix")
CELERY_BROKER_URL = env.address("CELERY_BROKER_URL", "", *env.QUEUES) or REDIS_URL or "filesystem://localhost//"
QUEUE_ROOT = HOME / "queue"

# No channel layer: a chat that another process writes is read along from the database, so sockets need no Redis.
# Room for many visitors: when it is full, counters of limits are thrown out, and a flood would wash its own away.
IN_THIS_PROCESS: dict[str, object] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "OPTIONS": {"MAX_ENTRIES": 100_000, "CULL_FREQUENCY": 20},
}
IN_REDIS: dict[str, object] = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
CACHES = {"default": IN_REDIS if REDIS_URL else IN_THIS_PROCESS, "alone": {**IN_THIS_PROCESS, "LOCATION": "alone"}}

# The engine: one process that answers. Any server with the same interface will do.
DEFAULT_ENGINE_URL = "http://127.0.0.1:8100"
ENGINE_URL = env.address("ENGINE_URL", RUNNING.engine_url or DEFAULT_ENGINE_URL, "http", "https")
# What the engine of this machine asks for is never sent to another one.
ENGINE_TOKEN = env.token("ENGINE_TOKEN", RUNNING.engine_token if RUNNING.engine_url == ENGINE_URL else "")
# These are read by the engine and the workers themselves; what is wrong is said here, before anything starts.
for _name, (_usual, _means) in knobs.NUMBERS.items():
    env.integer(_name, _usual)
env.shaped("ENGINE_HOSTS", "", re.compile(r"[A-Za-z0-9_.:, -]{1,1000}"), "names such as engine.example, with commas")
env.shaped("ATELIER_DEVICE", "", knobs.DEVICE, "cpu, cuda or cuda:1, or leave it empty")
basemodels.from_setting(env.text(basemodels.SETTING))
EMBEDDINGS_URL = env.address("EMBEDDINGS_URL", ENGINE_URL, "http", "https")

# People ----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "studio.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "projects:home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "studio.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_FORMS = {
    "login": "studio.forms.SignIn",
    "change_password": "studio.forms.ChangePassword",
    "reset_password_from_key": "studio.forms.ResetPassword",
    "reset_password": "studio.forms.AskForReset",
    "add_email": "studio.forms.AddAddress",
    "reauthenticate": "studio.forms.Reauthenticate",
}
ACCOUNT_CHANGE_EMAIL = True
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None}  # `studio.attempts` counts them
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True

EMAIL_HOST = env.shaped(
    "EMAIL_HOST", "", re.compile(r"[A-Za-z0-9_.:-]{1,253}"), "the name of a mail server, without smtp://"
)
EMAIL_PORT = env.integer("EMAIL_PORT", 587, 65_535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", True)
DEFAULT_FROM_EMAIL = env.shaped(
    "EMAIL_FROM",
    "atelier@localhost",
    re.compile(r"\A[^\r\n@]{1,200}@[^\r\n@\s]{1,200}\Z"),
    "an address such as studio@shop.example",
)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
METRICS_TOKEN = env.token("METRICS_TOKEN")
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_HOST else "none"

# Language and time -----------------------------------------------------------------------------------------
# Not LANGUAGE: desktops set that one for themselves, to values such as en_GB:en.
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LANGUAGE_CODE = env.choice("ATELIER_LANGUAGE", "en", dict(LANGUAGES))
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")
USE_TZ = USE_I18N = True
USE_THOUSAND_SEPARATOR = True

# Files -----------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
UPLOAD_LIMIT = env.integer("UPLOAD_LIMIT_MB", 1024, 1_000_000) * 1024 * 1024
UPLOAD_CHUNK = 4 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "https:"],  # pictures of recommended things stand where the shop keeps them
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "projects.loglines.Line",
            "fmt": env.line_format("LOG_FORMAT", "%(asctime)s %(levelname)s %(name)s: %(message)s"),
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.choice("LOG_LEVEL", "INFO", env.LOG_LEVELS)},
    # A form with a mistake or a page that is not there is no news for who runs the studio.
    "loggers": {"django.request": {"level": "ERROR"}},
}
SITE_NAME = _("Atelier")
