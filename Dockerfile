FROM python:3.11-slim AS build
WORKDIR /app
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1
COPY requirements/run.txt requirements/run.txt
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements/run.txt
COPY LICENSE ./
COPY bot bot
COPY handlers handlers
COPY jobs jobs
COPY storage storage
COPY domain domain
COPY locales locales
COPY sandbox sandbox
RUN python -m locales.strings compile


FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin birge \
    && install --directory --owner birge --mode 0700 /data /keys
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
# The keys have a volume of their own: a copy of the database must never hold what opens it.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    BIRGE_DATABASE=sqlite:////data/birge.sqlite3 \
    BIRGE_KEYS=/keys/birge.keys
USER birge
VOLUME ["/data", "/keys"]
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "-m", "bot", "health"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
