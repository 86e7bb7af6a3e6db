using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Forwarding.Upstream;

/// <summary>The upstream's status line as the client's.</summary>
internal static class AnswerStatus
{
    public static void Set(HttpResponse client, int status, ReadOnlySpan<byte> reason)
    {
        client.StatusCode = status;
        if (Ascii.Equals(reason, ReasonPhrases.GetReasonPhrase(status))) return; // the server writes that by itself
        client.HttpContext.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = Encoding.Latin1.GetString(reason);
    }
}
