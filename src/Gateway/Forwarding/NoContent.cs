using Yarp.ReverseProxy.Transforms;

namespace Gateway.Forwarding;

/// <summary>A 204 has no length (RFC 9110, 8.6), and with one the server sends a 500 in its place. YARP drops only a length of 0.</summary>
internal static class NoContent
{
    public static ValueTask RemoveLengthAsync(ResponseTransformContext transform)
    {
        RemoveLength(transform.HttpContext.Response);
        return ValueTask.CompletedTask;
    }

    public static void RemoveLength(HttpResponse answer)
    {
        if (answer.StatusCode == StatusCodes.Status204NoContent) answer.ContentLength = null;
    }
}
