using System.Globalization;
using Gateway.Forwarding;
using Gateway.Model;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Pipeline;

/// <summary>Tells the ways apart in which a forwarded request can end. YARP folds several into one status, so its error is read as well.</summary>
internal static class OutcomeReader
{
    private static readonly TimeSpan AMoment = TimeSpan.FromMilliseconds(100);

    /// <param name="context">The request, which YARP is done with.</param>
    /// <param name="hasHeaders">Whether the upstream's headers came.</param>
    /// <param name="clientGone">Whether the connection to the client has ended, by whomever.</param>
    /// <param name="drainIsOver">Whether the gateway stops, and those it waited for had their time.</param>
    public static Outcome Of(HttpContext context, bool hasHeaders, bool clientGone, bool drainIsOver)
    {
        if (context.Features.Get<IForwarderErrorFeature>() is not { } failed) return hasHeaders ? Outcome.Answered : Outcome.UpstreamRefused;
        return failed.Error switch
        {
            ForwarderError.NoAvailableDestinations or ForwarderError.RequestCreation => Outcome.UpstreamRefused,
            ForwarderError.Request => IsUnreachable(failed.Exception) ? Outcome.UpstreamRefused : Outcome.UpstreamReset,
            ForwarderError.RequestTimedOut => Outcome.UpstreamTimeout,

            // Its patience was at an end while the client was still sending: only the status tells.
            ForwarderError.RequestBodyClient or ForwarderError.RequestBodyDestination or ForwarderError.RequestBodyCanceled
                when !hasHeaders && !clientGone && !IsMalformed(failed.Exception) && context.Response.StatusCode is StatusCodes.Status408RequestTimeout or StatusCodes.Status504GatewayTimeout => Outcome.UpstreamTimeout,
            ForwarderError.RequestCanceled => Cancelled(Outcome.ClientGoneWaiting),
            ForwarderError.RequestBodyCanceled => hasHeaders ? Outcome.Answered : Cancelled(WhileSending(context)),

            // After a whole answer the rest of a request's body is of no interest; an answer that broke as well is told by the two exceptions.
            ForwarderError.RequestBodyClient when hasHeaders && IsOnlyTheRequest(failed) => Outcome.Answered,

            // Also what YARP says when the upstream breaks off a request that the client is still sending. It resets the client's stream then, so that a moment later
            // the client seems gone: after headers only the exceptions can tell.
            ForwarderError.RequestBodyClient when hasHeaders && IsBrokenByUpstream(failed.Exception) => Outcome.UpstreamBroken,
            ForwarderError.RequestBodyClient when !clientGone && !IsMalformed(failed.Exception) => hasHeaders ? Outcome.UpstreamBroken : Outcome.UpstreamReset,
            ForwarderError.RequestBodyClient => Cancelled(hasHeaders ? Outcome.ClientGoneReading : WhileSending(context)),
            ForwarderError.RequestBodyDestination when hasHeaders => IsOnlyTheRequest(failed) ? Outcome.Answered : Outcome.UpstreamBroken,
            ForwarderError.RequestBodyDestination or ForwarderError.ResponseHeaders => Outcome.UpstreamReset,

            ForwarderError.ResponseBodyClient => Cancelled(Outcome.ClientGoneReading),
            ForwarderError.ResponseBodyDestination when HasStalled(context) => Outcome.ClientGoneReading, // else most of an answer would be free to who makes the upstream give up
            ForwarderError.ResponseBodyDestination => Outcome.UpstreamBroken,
            ForwarderError.ResponseBodyCanceled when WaitsForClient(context) => drainIsOver ? Cancelled(Outcome.ClientGoneReading) : Outcome.ClientGoneReading, // whatever ended it, the route's Timeout too
            ForwarderError.ResponseBodyCanceled => clientGone ? Cancelled(Outcome.ClientGoneReading) : Outcome.UpstreamTimeout,

            // An upgraded connection has no end of its own; one that both sides leave idle has ended well.
            ForwarderError.UpgradeActivityTimeout => Outcome.Answered,
            ForwarderError.UpgradeRequestDestination or ForwarderError.UpgradeResponseDestination => clientGone ? Cancelled(Outcome.ClientGoneReading) : Outcome.UpstreamBroken,
            ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeResponseCanceled
                or ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient => Cancelled(Outcome.ClientGoneReading),
            _ => hasHeaders ? Outcome.UpstreamBroken : Outcome.UpstreamReset,
        };

        Outcome Cancelled(Outcome byClient) =>
            context.Features.Get<IHttpRequestTimeoutFeature>()?.RequestTimeoutToken.IsCancellationRequested == true ? Outcome.GatewayTimeout
            : drainIsOver ? Outcome.Draining
            : byClient;
    }

    /// <summary>The client's request broke off, by the client or because the upstream did not want the rest.</summary>
    public static bool MayBeClient(HttpContext context) => context.Features.Get<IForwarderErrorFeature>() is { Error: ForwarderError.RequestBodyClient };

    /// <summary>The server ends the body of a client that leaves first, and says a moment later that it has left. Waits for that moment.</summary>
    public static Task ClientIsGoneAsync(HttpContext context, TimeProvider clock)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var registration = context.RequestAborted.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), gone);
        return WaitAsync();

        async Task WaitAsync()
        {
            await gone.Task.WaitAsync(AMoment, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await registration.DisposeAsync();
        }
    }

    /// <summary>The upstream's status as billing takes it: 200 for an upgrade that succeeded, and for gRPC what its own status means in HTTP.</summary>
    public static int StatusOf(HttpContext context)
    {
        var response = context.Response;
        if (response.StatusCode == StatusCodes.Status101SwitchingProtocols) return StatusCodes.Status200OK;
        if (!IsGrpc(response)) return response.StatusCode;
        var text = context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers["grpc-status"] is { Count: > 0 } trailer
            ? trailer.ToString()
            : response.Headers["grpc-status"].ToString();
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? FromGrpc(status) : response.StatusCode;
    }

    public static bool IsGrpc(HttpResponse response) => IsGrpc(response.ContentType);

    public static bool IsGrpc(string? contentType) => contentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>The request of a gRPC call is open as long as the caller likes, and the upstream works on what it has of it.</summary>
    private static Outcome WhileSending(HttpContext context) =>
        IsGrpc(context.Request.ContentType) ? Outcome.ClientGoneWaiting : Outcome.ClientGoneSending;

    /// <summary>When patience is at an end, it is with whoever did not go on: also with a client that is there, and reads nothing.</summary>
    private static bool WaitsForClient(HttpContext context) => context.Features.Get<IHttpResponseBodyFeature>() is GatedResponseBody { WaitsForClient: true };

    private static bool HasStalled(HttpContext context) => context.Features.Get<IHttpResponseBodyFeature>() is GatedResponseBody { HasStalled: true };

    /// <summary>As google.rpc.Code documents it.</summary>
    private static int FromGrpc(int status) => status switch
    {
        0 => 200,
        1 => 499,
        3 or 9 or 11 => 400,
        4 => 504,
        5 => 404,
        6 or 10 => 409,
        7 => 403,
        8 => 429,
        12 => 501,
        14 => 503,
        16 => 401,
        _ => 500,
    };

    private static bool IsUnreachable(Exception? exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError,
    };

    /// <summary>By the client: chunks that are none, for example.</summary>
    private static bool IsMalformed(Exception? exception) =>
        exception is BadHttpRequestException || (exception is AggregateException several && several.InnerExceptions.Any(e => e is BadHttpRequestException));

    /// <summary>YARP puts the request's exception first and the answer's second. That one is a cancellation, or the request's own, where the client has left.</summary>
    private static bool IsBrokenByUpstream(Exception? exception) =>
        exception is AggregateException { InnerExceptions: [_, var answer] } && (answer is HttpIOException || answer.InnerException is HttpIOException);

    private static bool IsOnlyTheRequest(IForwarderErrorFeature failed) => failed.Exception is not AggregateException;
}
