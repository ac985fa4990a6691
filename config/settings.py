"""Every setting, from the environment, with defaults that run the demo. docs/operating.md explains each one.

`ROLLCALL_ENV=production` switches to the strict side: no generated keys, no sandbox addresses, secure cookies.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.keys import key_from_file

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").exists():
    environ.Env.read_env(str(BASE_DIR / ".env"))

# ── which installation this is ──────────────────────────────────────────────────────────────────────
ROLLCALL_ENV = env.str("ROLLCALL_ENV", default="demo")  # demo, production
if ROLLCALL_ENV not in ("demo", "production"):
    # “prod” taken for the demo would mean generated keys, known logins and an open sandbox
    raise ImproperlyConfigured(f"ROLLCALL_ENV is {ROLLCALL_ENV!r}; it is either demo or production")
PRODUCTION = ROLLCALL_ENV == "production"
DATA_DIR = Path(env.str("ROLLCALL_DATA_DIR", default=str(BASE_DIR / ".data")))
if not PRODUCTION:
    DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (ADDRESSES := DATA_DIR / "addresses.env").exists():  # where the last `make demo` of this folder answered; the environment wins
        environ.Env.read_env(str(ADDRESSES))
DEBUG = env.bool("DEBUG", default=False)
PUBLIC_URL = env.str("ROLLCALL_PUBLIC_URL", default=f"http://127.0.0.1:{env.str('PORT', default='8000')}")

# ── keys: the session secret and the field keys (newest first) are separate, so that either can be rotated alone ──
SECRET_KEY = env.str("SECRET_KEY") if PRODUCTION else env.str("SECRET_KEY", default="") or key_from_file(DATA_DIR / "secret_key")
FIELD_KEYS: list[str] = (
    env.list("ROLLCALL_FIELD_KEYS")
    if PRODUCTION
    else env.list("ROLLCALL_FIELD_KEYS", default=[]) or [key_from_file(DATA_DIR / "field_key")]
)

# ── hosts and transport ─────────────────────────────────────────────────────────────────────────────
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BEHIND_PROXY = env.bool("ROLLCALL_BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=3600 if PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=PRODUCTION)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=PRODUCTION)
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "rollcall_session"
CSRF_COOKIE_NAME = "rollcall_csrf"
SESSION_COOKIE_AGE = env.int("SESSION_COOKIE_AGE", default=12 * 3600)
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}

# ── applications ────────────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "config.apps.RollcallAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "import_export",
    "simple_history",
    "django_htmx",
    "csp",
    "config.apps.ConfigConfig",
    "integrations",
    "identity",
    "syncjobs",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.NoNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.RequestLogMiddleware",
    "config.middleware.UserZoneMiddleware",
    "config.middleware.UserLanguageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
AUTH_USER_MODEL = "config.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# ── database: SQLite with nothing configured, PostgreSQL by DATABASE_URL ────────────────────────────
DATABASES: dict[str, dict[str, Any]] = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'rollcall.sqlite3'}")}
ON_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if ON_SQLITE:
    # WAL lets readers go on while one writes; IMMEDIATE takes the write lock at BEGIN, so that waiting works at all:
    # a read-then-write transaction would fail at once with "database is locked", whatever the time-out.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA temp_store=MEMORY;PRAGMA cache_size=-65536;",
        }
    )
    # A file, because a worker of its own must see it; a name of its own, because two test runs must not.
    DATABASES["default"].setdefault("TEST", {"NAME": str(DATA_DIR / f"test-{os.getpid()}.sqlite3")})
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 300)
    DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)

# ── broker and cache: losing either loses nothing (docs/operating.md) ───────────────────────────────
REDIS_URL = env.str("REDIS_URL", default="")
CELERY_BROKER_URL = (REDIS_URL.replace("unix://", "redis+socket://", 1) if REDIS_URL else "safefs://") or "safefs://"
BROKER_DIR = DATA_DIR / "broker"
CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "rollcall",
            "OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.5},  # a hung Redis must not hang a page
        }
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "rollcall"}
    )
}

# ── outgoing calls ──────────────────────────────────────────────────────────────────────────────────
ALLOWED_NETWORKS: list[str] = env.list("ROLLCALL_ALLOWED_NETWORKS", default=[])
SANDBOX_URL = env.str("ROLLCALL_SANDBOX_URL", default="" if PRODUCTION else "http://127.0.0.1:8001")
# The emulators answer on loopback over http. Named here, host and port, they may be called; production refuses to start with any.
SANDBOX_HOSTS: list[str] = env.list("ROLLCALL_SANDBOX_HOSTS", default=[urlsplit(SANDBOX_URL).netloc] if SANDBOX_URL else [])
SANDBOX_DIR = DATA_DIR / "sandbox"
# Folders of this machine from which files may be read; whoever edits a connector can read no other.
FILE_FOLDERS: list[str] = [
    *env.list("ROLLCALL_FILE_FOLDERS", default=[]),
    str(DATA_DIR / "files"),
    *([] if PRODUCTION else [str(SANDBOX_DIR)]),
]

# ── mail ────────────────────────────────────────────────────────────────────────────────────────────
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://" if PRODUCTION else f"filemail:///{DATA_DIR / 'mail'}")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="rollcall@localhost")

# ── language and time: stored in UTC, shown in the reader's zone ────────────────────────────────────
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
ORGANISATION_ZONE = env.str("ROLLCALL_TIME_ZONE", default="Europe/Berlin")

# ── static files ────────────────────────────────────────────────────────────────────────────────────
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
if not PRODUCTION:
    STATIC_ROOT.mkdir(mode=0o700, parents=True, exist_ok=True)  # empty here: the finders serve; WhiteNoise would warn about a missing one
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
MEDIA_ROOT = DATA_DIR / "media"
FILE_UPLOAD_HANDLERS = ["config.uploads.BoundedUploads"]  # a 1 GB extract never sits in memory
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# ── how long is kept what only helps for a while (manage.py prune); 0 keeps it for ever ─────────────
PRUNE_DAILY = env.bool("ROLLCALL_PRUNE", default=True)  # once a day by itself, after this hour of the organisation
PRUNE_HOUR = env.int("ROLLCALL_PRUNE_HOUR", default=4)
if not 0 <= PRUNE_HOUR <= 23:
    raise ImproperlyConfigured(f"ROLLCALL_PRUNE_HOUR is {PRUNE_HOUR}; it is an hour of the day, 0 to 23")
SECRET_DAYS = env.int("ROLLCALL_SECRET_DAYS", default=365)
KEEP_REQUESTS_DAYS = env.int("ROLLCALL_KEEP_REQUESTS_DAYS", default=30)
KEEP_ATTEMPTS_DAYS = env.int("ROLLCALL_KEEP_ATTEMPTS_DAYS", default=180)
KEEP_CHECKPOINTS_DAYS = env.int("ROLLCALL_KEEP_CHECKPOINTS_DAYS", default=7)

# ── logs: one JSON object a line on stdout in production ────────────────────────────────────────────
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "config.logs.formatter", "as_json": env.bool("LOG_JSON", default=PRODUCTION)}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stdout"], "level": LOG_LEVEL},
    "loggers": {"django.server": {"level": "WARNING"}, "paramiko": {"level": "WARNING"}, "urllib3": {"level": "WARNING"}},
}

# ── API ─────────────────────────────────────────────────────────────────────────────────────────────
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}

# ── import and export ───────────────────────────────────────────────────────────────────────────────
IMPORT_EXPORT_USE_TRANSACTIONS = True

# ── Celery: a message is a doorbell, the row is the work (realtime choices: docs/decisions) ─────────
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10.0
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "socket_timeout": 5,
        "socket_connect_timeout": 1,
        "socket_keepalive": True,
        "health_check_interval": 15,
    }
    if REDIS_URL
    else {"folder": str(BROKER_DIR)}
)
