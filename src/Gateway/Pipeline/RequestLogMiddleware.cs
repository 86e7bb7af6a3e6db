using Gateway.Model;

namespace Gateway.Pipeline;

/// <summary>
/// One line per request, when asked for: <c>"Serilog": { "MinimumLevel": { "Override": { "Gateway.Requests": "Information" } } }</c>. Off by default,
/// and then a request pays one comparison.
/// </summary>
internal sealed partial class RequestLogMiddleware(RequestDelegate next, ILoggerFactory loggers, TimeProvider clock)
{
    public const string Category = "Gateway.Requests";

    private readonly ILogger _logger = loggers.CreateLogger(Category);

    public Task InvokeAsync(HttpContext context) => _logger.IsEnabled(LogLevel.Information) ? LogAsync(context) : next(context);

    private async Task LogAsync(HttpContext context)
    {
        var started = clock.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            // Never the path or the query: either may hold what the caller wants to keep to himself.
            Log.Served(
                _logger, context.Request.Headers[GatewayHeaders.RequestId].ToString(), context.Request.Method, context.GetRouteModel().Config.RouteId,
                context.Request.Headers[GatewayHeaders.CustomerId].ToString(), context.Response.StatusCode,
                clock.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    private static partial class Log // ids 200-299 belong to Pipeline
    {
        [LoggerMessage(200, LogLevel.Information, "{RequestId} {Method} {Route} for {Customer}: {StatusCode} in {Milliseconds:0.0} ms.")]
        public static partial void Served(ILogger logger, string requestId, string method, string route, string customer, int statusCode, double milliseconds);
    }
}
