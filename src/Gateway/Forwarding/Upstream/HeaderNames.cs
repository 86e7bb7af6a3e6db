using System.Buffers;
using System.Collections.Frozen;

namespace Gateway.Forwarding.Upstream;

/// <summary>Which headers pass through a proxy: the same that YARP lets pass.</summary>
internal static class HeaderNames
{
    private static readonly SearchValues<byte> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly FrozenSet<string> OneHop = FrozenSet.ToFrozenSet(
        [
            "Connection", "Transfer-Encoding", "Keep-Alive", "Upgrade", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authentication-Info",
            "Proxy-Authorization", "Proxy-Features", "Proxy-Instruction", "Security-Scheme", "ALPN", "Close", "HTTP2-Settings", "Upgrade-Insecure-Requests",
            "TE", "Alt-Svc",
        ],
        StringComparer.OrdinalIgnoreCase);

    public static bool AreForOneHop(string name) => OneHop.Contains(name);

    public static bool IsToken(ReadOnlySpan<byte> name) => !name.ContainsAnyExcept(Token);
}
