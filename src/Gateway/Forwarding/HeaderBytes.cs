using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Forwarding;

/// <summary>
/// Values of headers are bytes: read and written as Latin-1, a character for each, they pass in both directions whatever they are. The frameworks'
/// defaults refuse those beyond ASCII here, and can not send them there.
/// </summary>
internal static class HeaderBytes
{
    private static readonly HeaderEncodingSelector<HttpRequestMessage> Selector = static (_, _) => Encoding.Latin1;

    public static void KeepIn(KestrelServerOptions kestrel)
    {
        kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
    }

    /// <summary>A cluster's own <c>RequestHeaderEncoding</c> goes first.</summary>
    public static void KeepIn(SocketsHttpHandler handler)
    {
        handler.RequestHeaderEncodingSelector ??= Selector;
        handler.ResponseHeaderEncodingSelector ??= Selector;
    }

    public static bool AreKeptIn(SocketsHttpHandler handler) =>
        handler.RequestHeaderEncodingSelector == Selector && handler.ResponseHeaderEncodingSelector == Selector;
}
