using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Gateway.Admin;

/// <summary>
/// Health and administration: a server of its own, so that no route of the proxy can ever shadow it or be reached through it.
/// It answers before the public port opens and after it closes.
/// </summary>
internal sealed partial class AdminServer(AdminOptions options, NodeStatus status, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    private WebApplication? _server;

    /// <summary>The address bound; of use where the configured port is 0.</summary>
    public string? Address => _server?.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(options.Url).ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddRoutingCore().AddSingleton(loggers);
        _server = builder.Build();
        _server.UseRouting();
        _server.MapAdmin(options, status);
        _server.UseEndpoints(_ => { });
        await _server.StartAsync(cancellationToken);
        Log.Listening(loggers.CreateLogger<AdminServer>(), Address);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    private static partial class Log
    {
        [LoggerMessage(900, LogLevel.Information, "Health and administration answer at {Address}.")]
        public static partial void Listening(ILogger logger, string? address);
    }
}
