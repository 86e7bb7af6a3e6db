using Yarp.ReverseProxy.Transforms;

namespace Gateway.Forwarding;

/// <summary>
/// A 204 has no length (RFC 9110, 8.6), and a 205 nothing in it (15.3.6): with either the server sends a 500 in its place, or ends the connection. YARP drops only a length of 0. What an upstream sends
/// with a 205 all the same is left where it is.
/// </summary>
internal static class NoContent
{
    public static ValueTask RemoveAsync(ResponseTransformContext transform)
    {
        var answer = transform.HttpContext.Response;
        RemoveLength(answer);
        transform.SuppressResponseBody |= IsReset(answer);
        return ValueTask.CompletedTask;
    }

    public static void RemoveLength(HttpResponse answer)
    {
        if (answer.StatusCode == StatusCodes.Status204NoContent || IsReset(answer)) answer.ContentLength = null;
    }

    public static bool IsReset(HttpResponse answer) => answer.StatusCode == StatusCodes.Status205ResetContent;
}
