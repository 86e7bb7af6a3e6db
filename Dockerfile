# syntax=docker/dockerfile:1
# Three images from one file: gateway (the default), sandbox, runner.
#   docker build -t metering-gateway .
#   docker build -t metering-gateway-sandbox --target sandbox .

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/Gateway/Gateway.csproj src/Gateway/
COPY src/Gateway.Sandbox/Gateway.Sandbox.csproj src/Gateway.Sandbox/
COPY src/Gateway.Demo/Gateway.Demo.csproj src/Gateway.Demo/
RUN dotnet restore src/Gateway.Demo
COPY src/ src/
RUN dotnet publish src/Gateway --no-restore -c Release -o /out/gateway \
 && dotnet publish src/Gateway.Sandbox --no-restore -c Release -o /out/sandbox \
 && dotnet publish src/Gateway.Demo --no-restore -c Release -o /out/runner \
 && mkdir /out/data

# No shell, no package manager, not root.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled AS runtime
WORKDIR /app
USER $APP_UID

FROM runtime AS sandbox
COPY --from=build /out/sandbox .
COPY config/sandbox.json /config/
EXPOSE 8090
ENTRYPOINT ["dotnet", "Gateway.Sandbox.dll", "--urls", "http://0.0.0.0:8090", "--seed", "/config/sandbox.json"]

FROM runtime AS runner
COPY --from=build /out/runner .
EXPOSE 2358
ENTRYPOINT ["dotnet", "Gateway.Demo.dll", "runner", "--urls", "http://0.0.0.0:2358"]

FROM runtime AS gateway
COPY --from=build /out/gateway .
# The journal must outlive the container: mount a volume here.
COPY --from=build --chown=$APP_UID /out/data /data
VOLUME /data
# The gateway sets this itself, unless a startup hook has opened sockets before; here it comes first in any case.
ENV Gateway__DataDirectory=/data \
    Urls=http://0.0.0.0:8080 \
    DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["dotnet", "Gateway.dll", "health", "--config", "/config/gateway.json"]
# SIGTERM: requests in flight end, leases go back, what is left to report is sent or stays in the journal.
STOPSIGNAL SIGTERM
ENTRYPOINT ["dotnet", "Gateway.dll", "--config", "/config/gateway.json"]
