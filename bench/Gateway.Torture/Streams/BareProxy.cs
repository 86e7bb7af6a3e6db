using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Torture.Streams;

/// <summary>YARP as its documentation sets it up, to compare with. A process of its own.</summary>
internal static class BareProxy
{
    public static async Task<int> RunAsync(int http1Port, int http2Port, string upstream, string version, CancellationToken stop)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, http1Port, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, http2Port, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "streams", ClusterId = "upstream", Match = new RouteMatch { Path = "/streams/{**rest}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "upstream",
                    Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = upstream } },
                    HttpRequest = new() { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact },
                },
            ]);
        await using var app = builder.Build();
        app.MapReverseProxy();
        await app.StartAsync(stop);
        Console.WriteLine("The proxy is ready.");
        await app.WaitForShutdownAsync(stop);
        return 0;
    }
}
