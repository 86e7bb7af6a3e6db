using System.Buffers;
using Gateway.Forwarding;
using Gateway.Model;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Pipeline;

/// <summary>
/// Before anything is matched or priced: refuses what the server lets pass and another reader could take for another request, and the methods that open
/// tunnels or would show a client what the gateway adds. What is priced must be what the upstream reads. Drops what the client says under the gateway's
/// own names.
/// </summary>
internal sealed class RequestGuard(RequestDelegate next, ExchangeServices services)
{
    // Kestrel's note on a Content-Length beside a Transfer-Encoding, of which it makes use of the latter.
    private const string LengthSetAside = "X-Content-Length";

    private static readonly SearchValues<char> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public Task InvokeAsync(HttpContext context)
    {
        if (IsRefused(context)) return RefuseMethodAsync(context);
        if (WhyAmbiguous(context) is { } why) return RefuseAsync(context, why);
        HopByHop.RemoveFrom(context.Request.Headers); // no route is chosen by what the upstream does not get
        return next(context);
    }

    private static bool IsRefused(HttpContext context)
    {
        var method = context.Request.Method;
        if (HttpMethods.IsTrace(method)) return true;
        return HttpMethods.IsConnect(method)
            && !"websocket".Equals(context.Features.Get<IHttpExtendedConnectFeature>()?.Protocol, StringComparison.OrdinalIgnoreCase);
    }

    private static string? WhyAmbiguous(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsHead(request.Method) && request.Method != HttpMethods.Head) return "A method is told by its letters' case too: HEAD is one, and has an answer without a body.";
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        if (target.ContainsAnyExceptInRange('!', '~') || target.Contains('#')) return "The target has characters that must be encoded.";
        if (RequestPath.IsAmbiguous(request.Path.Value, target)) return "The path has dot segments that other readers take for a way up.";
        if (request.Headers.TransferEncoding is { Count: > 0 } codings)
        {
            if (codings.Count > 1 || !string.Equals(codings, "chunked", StringComparison.OrdinalIgnoreCase)) return "The only transfer coding is chunked.";
            if (request.Headers.ContainsKey(LengthSetAside)) return "A body has a length or is chunked, not both.";
            if (!HttpProtocol.IsHttp11(request.Protocol)) return "Chunks are HTTP/1.1's.";
        }

        List<string>? ours = null;
        foreach (var (name, _) in request.Headers)
        {
            if (name.AsSpan().ContainsAnyExcept(Token) && name[0] != ':') return "A header's name is none.";
            if (ForwardedHeaders.AreOurs(name)) (ours ??= []).Add(name);
            else if (HeaderSpelling.WhyAmbiguous(name, request.Headers) is { } why) return why;
        }

        ours?.ForEach(name => request.Headers.Remove(name)); // before anything reads it
        return null;
    }

    private Task RefuseMethodAsync(HttpContext context)
    {
        context.Response.Headers.Allow = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
        return Problems.WriteAsync(context, Denial.MethodRefused, services.NewRequestId());
    }

    /// <summary>What follows on the connection may be a part of this request to somebody else.</summary>
    private Task RefuseAsync(HttpContext context, string why)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol)) context.Response.Headers.Connection = "close";
        return Problems.WriteAsync(context, Denial.RequestAmbiguous, services.NewRequestId(), new ProblemDetail(why));
    }
}
