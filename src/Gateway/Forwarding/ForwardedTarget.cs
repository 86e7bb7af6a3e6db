using Gateway.Pipeline;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Transforms;

namespace Gateway.Forwarding;

/// <summary>
/// Forwards the path and the query as they were sent. YARP would encode the decoded path again, which makes <c>%252F</c> of <c>%2F</c>, and the framework
/// would put the query into its own normal form.
/// </summary>
internal static class ForwardedTarget
{
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Comes after the transforms of the configuration; a path that those have changed is left to YARP.</summary>
    public static ValueTask KeepAsync(RequestTransformContext transform)
    {
        var context = transform.HttpContext;
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (transform.ProxyRequest.RequestUri is null && target is ['/', ..] && transform.Path == context.Request.Path)
        {
            var path = RequestPath.HasDotSegments(target) ? RequestPath.WithoutDotSegments(target) : RequestPath.WithoutQuery(target);
            transform.ProxyRequest.RequestUri = new Uri(
                string.Concat(transform.DestinationPrefix.AsSpan().TrimEnd('/'), path, transform.Query.QueryString.Value), AsItIs);
        }

        return ValueTask.CompletedTask;
    }
}
