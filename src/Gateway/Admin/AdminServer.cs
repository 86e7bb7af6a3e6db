using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Gateway.Billing;
using Gateway.Keys;
using Gateway.Onboarding;
using Gateway.Shadow;
using Gateway.Shipping;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Gateway.Admin;

/// <summary>
/// Health and administration: a server of its own, so that no route of the proxy can ever shadow it or be reached through it.
/// It answers before the public port opens and after it closes.
/// </summary>
internal sealed partial class AdminServer(AdminOptions options, IServiceProvider gateway, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    // What the endpoints are given; they have no other way into the gateway.
    private static readonly Type[] Lent =
    [
        typeof(NodeStatus), typeof(KeyService), typeof(AuditLog), typeof(RouteIds), typeof(TimeProvider), typeof(SignUp), typeof(PortalLinks),
        typeof(ICustomerAccounts), typeof(IQuarantine), typeof(ShadowReport), typeof(MetricsExporter),
    ];

    private const string UnderWaySeconds = "1"; // what the other caller waits for, Paygentic or his own answer, is seldom longer away

    private WebApplication? _server;

    /// <summary>The address bound; of use where the configured port is 0.</summary>
    public string? Address => _server?.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(options.Url).ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddRouting().AddProblemDetails().AddOpenApi().AddSingleton(loggers);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow; // a slip of the pen is told, not ignored
            json.SerializerOptions.AllowDuplicateProperties = false; // in other letter case too, as names are taken in any
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        });
        builder.Services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true); // explained as everything else is
        foreach (var type in Lent) builder.Services.AddSingleton(type, _ => gateway.GetRequiredService(type));
        _server = builder.Build();
        _server.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = ExplainAsync, SuppressDiagnosticsCallback = _ => true });
        _server.Use(GuardAsync);
        _server.UseRouting();
        _server.MapStatus();
        _server.MapMetrics();
        _server.MapKeys();
        _server.MapCustomers();
        _server.MapQuarantine();
        _server.MapShadow();
        _server.MapOpenApi("/openapi.json");
        await _server.StartAsync(cancellationToken);
        Log.Listening(loggers.CreateLogger<AdminServer>(), Address);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    private Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.Value is "/healthz" or "/readyz") return next(context);
        var given = context.Request.Headers.Authorization.ToString();
        if (!string.IsNullOrEmpty(options.Token) && CryptographicOperations.FixedTimeEquals(Hash(given), Hash("Bearer " + options.Token))) return next(context);
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"gateway-admin\"";
        return TypedResults.Problem("The token of Gateway:Admin:Token is needed.", statusCode: 401).ExecuteAsync(context);
    }

    /// <summary>Hashes have one length whatever was sent, so that comparing them tells nothing of the token's.</summary>
    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private Task ExplainAsync(HttpContext context)
    {
        var error = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        var (status, detail) = error switch
        {
            BadHttpRequestException bad => (bad.StatusCode, bad.InnerException is System.Text.Json.JsonException json ? $"{bad.Message} {json.Message}" : bad.Message),
            BillingException billing => (billing.IsRefusal ? 422 : 502, billing.Message),
            KeyReusedException => (422, error.Message),
            SignUpUnderWayException or KeyUnderWayException => (409, error.Message),
            StackExchange.Redis.RedisException or TimeoutException => (503, "Redis does not answer. Nothing else is known to have changed; the same request can be sent again."),
            _ => (500, "Something went wrong that should not; the log has it."),
        };
        if (status == 409) context.Response.Headers.RetryAfter = UnderWaySeconds;
        if (status == 500 && error is not null) Log.Failed(loggers.CreateLogger<AdminServer>(), context.Request.Path.Value, error);
        return TypedResults.Problem(detail, statusCode: status).ExecuteAsync(context);
    }

    private static partial class Log
    {
        [LoggerMessage(900, LogLevel.Information, "Health and administration answer at {Address}.")]
        public static partial void Listening(ILogger logger, string? address);

        [LoggerMessage(901, LogLevel.Error, "Administration: {Path} failed.")]
        public static partial void Failed(ILogger logger, string? path, Exception e);
    }
}
