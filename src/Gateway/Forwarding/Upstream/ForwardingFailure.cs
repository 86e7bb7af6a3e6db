using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding.Upstream;

/// <summary>Why an exchange failed, as YARP tells it: with the same errors, statuses and ways to break off.</summary>
internal sealed class ForwardingFailure(ForwarderError error, Exception exception) : IForwarderErrorFeature
{
    private const int Http2InternalError = 1;
    private const int Http2Cancel = 2;

    public ForwarderError Error => error;

    public Exception Exception => exception;

    /// <summary>The client's body did not come.</summary>
    public static ForwarderError OfRequestBody(HttpContext context, Exception e, ExchangeTimer timer) => timer.IsOver
        ? Answer(context, ForwarderError.RequestTimedOut, e, StatusCodes.Status504GatewayTimeout)
        : e is OperationCanceledException
            ? Answer(context, ForwarderError.RequestBodyCanceled, e, StatusCodes.Status502BadGateway)
            : Answer(context, ForwarderError.RequestBodyClient, e, (e as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status400BadRequest);

    /// <summary>The upstream was not reached, or did not answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="e">What was thrown.</param>
    /// <param name="timer">The exchange's.</param>
    /// <param name="hasBegun">Parts of the upstream's answer may be in the client's already.</param>
    public static ForwarderError BeforeAnswer(HttpContext context, Exception e, ExchangeTimer timer, bool hasBegun)
    {
        if (hasBegun && !context.Response.HasStarted) context.Response.Clear(); // only then: what the gateway itself says of the client's rate is there too
        if (e is not OperationCanceledException) return Answer(context, ForwarderError.Request, e, StatusCodes.Status502BadGateway);
        return timer.Token.IsCancellationRequested && !timer.IsOver
            ? Answer(context, ForwarderError.RequestCanceled, e, StatusCodes.Status502BadGateway)
            : Answer(context, ForwarderError.RequestTimedOut, e, StatusCodes.Status504GatewayTimeout);
    }

    /// <summary>The answer's body broke off.</summary>
    /// <param name="context">The request.</param>
    /// <param name="e">What was thrown.</param>
    /// <param name="isUpstream">By the upstream's side, or the client's.</param>
    public static ForwarderError InAnswer(HttpContext context, Exception e, bool isUpstream)
    {
        var isCancelled = e is OperationCanceledException;
        var error = isCancelled ? ForwarderError.ResponseBodyCanceled : isUpstream ? ForwarderError.ResponseBodyDestination : ForwarderError.ResponseBodyClient;
        if (!context.Response.HasStarted)
        {
            context.Response.Clear(); // the upstream's status and headers
            return Answer(context, error, e, StatusCodes.Status502BadGateway);
        }

        // A client must not take what came so far for the whole.
        context.Features.Set<IForwarderErrorFeature>(new ForwardingFailure(error, e));
        if (context.Features.Get<IHttpResetFeature>() is { } reset) reset.Reset(isCancelled ? Http2Cancel : Http2InternalError);
        else context.Abort();
        return error;
    }

    private static ForwarderError Answer(HttpContext context, ForwarderError error, Exception e, int status)
    {
        context.Features.Set<IForwarderErrorFeature>(new ForwardingFailure(error, e));
        if (!context.Response.HasStarted) context.Response.StatusCode = status;
        return error;
    }
}
