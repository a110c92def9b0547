# The image's work is in deploy/container/*.sh, so that it can be tested without a container engine.
FROM python:3.13-slim-bookworm AS build
WORKDIR /build
COPY requirements requirements
COPY deploy/container deploy/container
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN ["sh", "deploy/container/install.sh", "/opt/copilot-api"]

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="copilot-api" \
      org.opencontainers.image.description="A local gateway from OpenAI, Anthropic and Google clients to GitHub Copilot" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/copilot-api /opt/copilot-api
RUN ["install", "--directory", "--owner=10001", "--group=10001", "--mode=0700", "/data"]
ENV PATH="/opt/copilot-api/bin:${PATH}" \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=4141 \
    XDG_DATA_HOME=/data
VOLUME ["/data"]
EXPOSE 4141
USER 10001:10001
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["/opt/copilot-api/bin/python", "/opt/copilot-api/container/healthcheck.py"]
ENTRYPOINT ["/opt/copilot-api/container/entrypoint.sh"]
CMD ["serve"]
