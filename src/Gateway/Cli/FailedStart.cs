using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography;
using Gateway.Journal;

namespace Gateway.Cli;

/// <summary>Why a start failed, in one line: what is wrong, and what to do where that does not say it.</summary>
internal static class FailedStart
{
    /// <returns>Null for what neither a setting nor the machine can be the cause of: a fault of the gateway's, whose stack trace is needed.</returns>
    public static string? Explain(Exception e) => e switch
    {
        TargetInvocationException { InnerException: { } inner } => Explain(inner), // a setting that its owner does not take
        SocketException => Line(e, "The addresses in Urls, Kestrel:Endpoints and Gateway:Admin:Url must be the machine's own, and a port below 1024 may need a right."),
        InvalidOperationException when e.Message.Contains("HTTPS", StringComparison.Ordinal) => Line(
            e, "Give Kestrel:Certificates:Default a certificate (Path, with Password or KeyPath), or use http:// and leave TLS to what is in front."),
        InvalidOperationException or ArgumentException or FormatException or InvalidDataException =>
            Line(e, "Look first at Urls and at the settings in Kestrel and Serilog, of which 'validate' does not check all."),
        CryptographicException => Line(e, "A certificate in Kestrel:Certificates or Kestrel:Endpoints can not be read: look at its Path and Password."),

        // A port that is taken, a folder that another gateway uses or that is not for this user, a disk that is full, a signal to end.
        IOException or UnauthorizedAccessException or JournalUnavailableException or OperationCanceledException => Line(e, ""),
        _ => null,
    };

    private static string Line(Exception e, string advice) =>
        $"{string.Join(' ', e.Message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))} {advice}".TrimEnd();
}
