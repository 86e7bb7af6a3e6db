using System.Net.Sockets;

namespace Gateway.Forwarding.Upstream;

/// <summary>Failures as <see cref="SocketsHttpHandler"/> tells them: YARP and the outcome of a charge depend on the difference.</summary>
internal static class UpstreamErrors
{
    public static HttpRequestException InvalidResponse(string what) => new(HttpRequestError.InvalidResponse, $"The upstream's answer is invalid: {what}.");

    public static HttpIOException InvalidBody(string what) => new(HttpRequestError.InvalidResponse, $"The upstream's answer is invalid: {what}.");

    public static HttpRequestException TooLong(int limit) =>
        new(HttpRequestError.ConfigurationLimitExceeded, $"The headers of the upstream's answer are longer than {limit} bytes.");

    public static HttpIOException Ended() => new(HttpRequestError.ResponseEnded, "The upstream ended the connection before its answer was whole.");

    public static OperationCanceledException Cancelled(Exception? inner, CancellationToken token) =>
        new TaskCanceledException("The request to the upstream was cancelled.", inner, token);

    /// <summary>YARP takes a cancellation that nobody asked for to be a timeout.</summary>
    public static OperationCanceledException ConnectTimedOut(TimeSpan limit, Exception inner) => new TaskCanceledException(
        $"The upstream was not reached within the ConnectTimeout of {limit.TotalSeconds} s.", new TimeoutException(inner.Message, inner));

    public static HttpRequestException Unreachable(string host, int port, Exception inner)
    {
        var isName = inner is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData or SocketError.NoRecovery };
        return new HttpRequestException(
            isName ? HttpRequestError.NameResolutionError : HttpRequestError.ConnectionError, $"{inner.Message} ({host}:{port})", inner);
    }

    /// <summary>Of an exchange without an answer yet. A connection that was torn down because of a cancellation fails in any way.</summary>
    public static Exception BeforeAnswer(Exception e, CancellationToken token) => e switch
    {
        OperationCanceledException => e,
        _ when token.IsCancellationRequested => Cancelled(e, token),
        HttpRequestException => e,
        HttpIOException http => new HttpRequestException(http.HttpRequestError, "The request to the upstream failed.", http),
        IOException or InvalidOperationException => new HttpRequestException("The request to the upstream failed.", e),
        SocketException => new HttpRequestException("The request to the upstream failed.", OfTransport(e)),
        _ => e,
    };

    /// <summary>Of an answer under way.</summary>
    public static Exception InAnswer(Exception e, CancellationToken token) => e switch
    {
        OperationCanceledException => e,
        _ when token.IsCancellationRequested => Cancelled(e, token),
        SocketException or ObjectDisposedException => OfTransport(e),
        _ => e,
    };

    public static IOException OfTransport(Exception e) => new($"The connection to the upstream broke: {e.Message}", e);
}
