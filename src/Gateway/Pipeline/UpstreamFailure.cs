using Gateway.Journal;
using Gateway.Model;
using Microsoft.AspNetCore.Http.Timeouts;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Gateway.Pipeline;

/// <summary>Gives an upstream that could not be reached an answer that says so; YARP leaves the status alone and an empty body.</summary>
internal static class UpstreamFailure
{
    public static Task ExplainAsync(HttpContext context, RequestId requestId)
    {
        if (context.Response.HasStarted) return Task.CompletedTask;
        if (context.Features.Get<IHttpRequestTimeoutFeature>()?.RequestTimeoutToken.IsCancellationRequested == true)
        {
            context.RequestAborted = CancellationToken.None; // the client is there; it is the timeout that has ended the request's token
            return Problems.WriteAsync(context, Denial.UpstreamTimeout, requestId);
        }

        if (context.RequestAborted.IsCancellationRequested) return Task.CompletedTask;
        if (context.Features.Get<IForwarderErrorFeature>()?.Exception is JournalUnavailableException) return Problems.WriteAsync(context, Denial.JournalUnavailable, requestId);
        var denial = context.Response.StatusCode switch
        {
            StatusCodes.Status502BadGateway => Denial.UpstreamUnavailable,
            StatusCodes.Status503ServiceUnavailable => Denial.UpstreamUnavailable, // no destination is known or healthy
            StatusCodes.Status504GatewayTimeout => Denial.UpstreamTimeout,
            _ => (Denial?)null,
        };
        return denial is null || !IsOurs(context) ? Task.CompletedTask : Problems.WriteAsync(context, denial.Value, requestId);
    }

    /// <summary>An upstream's own 502 is passed on as it is.</summary>
    private static bool IsOurs(HttpContext context) =>
        context.Features.Get<IForwarderErrorFeature>() is not null || context.Features.Get<IReverseProxyFeature>()?.ProxiedDestination is null;
}
