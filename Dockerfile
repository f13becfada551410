# Build: docker build -t kafo .
# Run:   docker run -p 8080:8080 -v kafo:/var/lib/kafo kafo

FROM rust:1.95-slim-bookworm AS builder
# SQLite and ring are compiled from C.
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# The caches are not part of the image: the binary is copied out in the same step.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked -p kafo-api --bin kafo \
    && cp target/release/kafo /usr/local/bin/kafo

FROM debian:bookworm-slim
RUN groupadd --system --gid 10001 kafo \
    && useradd --system --uid 10001 --gid kafo --home-dir /var/lib/kafo --shell /usr/sbin/nologin kafo \
    && install -d -o kafo -g kafo -m 0750 /var/lib/kafo
COPY --from=builder /usr/local/bin/kafo /usr/local/bin/kafo
COPY LICENSE /usr/share/doc/kafo/LICENSE
ENV KAFO_DATABASE_URL=sqlite:///var/lib/kafo/kafo.db \
    KAFO_LISTEN=0.0.0.0:8080
USER kafo
WORKDIR /var/lib/kafo
VOLUME /var/lib/kafo
EXPOSE 8080
# The image has no curl: bash speaks the one request. Unhealthy: no answer, or an answer of 5xx.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/${KAFO_LISTEN##*:} && printf 'GET /livez HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [[ $status == [234]?? ]]"]
ENTRYPOINT ["kafo"]
CMD ["serve"]
