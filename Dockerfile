# One image for web, worker, beat and one-off commands; compose.yaml shows how each is started.
# Two stages: what builds does not ship. Base: the Python the lock was made for.

FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv --without-pip /venv
COPY requirements.txt /tmp/
RUN pip --python /venv/bin/python install --require-hashes --only-binary :all: -r /tmp/requirements.txt
WORKDIR /app
COPY manage.py pyproject.toml ./
COPY config config
COPY integrations integrations
COPY identity identity
COPY syncjobs syncjobs
COPY templates templates
COPY docs docs
# Static files get their final, hashed names here. The keys are for this line only and protect nothing.
RUN ROLLCALL_ENV=production SECRET_KEY=build ROLLCALL_FIELD_KEYS=build STATIC_ROOT=/app/static \
    /venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
 && /venv/bin/python -m compileall -q /venv/lib /app

FROM python:3.11-slim-bookworm AS final
RUN groupadd --gid 10001 rollcall \
 && useradd --uid 10001 --gid rollcall --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin rollcall \
 && install -d -o rollcall -g rollcall -m 0700 /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    ROLLCALL_ENV=production ROLLCALL_DATA_DIR=/data STATIC_ROOT=/app/static \
    ROLLCALL_BIND=0.0.0.0 PORT=8000
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=40s --retries=4 \
    CMD ["python", "manage.py", "healthcheck", "--component", "web"]
CMD ["gunicorn", "--config", "python:config.gunicorn_settings", "config.wsgi:application"]
