using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Gateway.FunctionalTests.Kit;

/// <summary>HTTP/1.1 as bytes on a socket.</summary>
internal static class RawHttp
{
    /// <summary>Sends the bytes and reads until the other side closes: ask for <c>Connection: close</c>.</summary>
    public static async Task<string> ExchangeAsync(Uri address, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer);
        return Encoding.Latin1.GetString(answer.ToArray());
    }

    /// <summary>One message with its body, by Content-Length or chunks as they are on the wire; null at the end of the stream.</summary>
    public static async Task<string?> ReadMessageAsync(Stream stream, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await ReadAsync(stream, text, 1, cancellationToken) == 0) return null;
        }

        var head = text.ToString();
        if (Header(head, "Content-Length") is { } length)
        {
            var missing = int.Parse(length, CultureInfo.InvariantCulture);
            while (missing > 0) missing -= await ReadAsync(stream, text, missing, cancellationToken);
        }
        else if (Header(head, "Transfer-Encoding") is not null)
        {
            while (!text.ToString().EndsWith("0\r\n\r\n", StringComparison.Ordinal)) await ReadAsync(stream, text, 1, cancellationToken);
        }

        return text.ToString();
    }

    public static string? Header(string message, string name) => message.Split("\r\n")
        .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    /// <summary>The message without some headers, for comparing the rest to the letter.</summary>
    public static string Without(string message, params string[] names)
    {
        var end = message.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var lines = message[..end].Split("\r\n").Where(line => !names.Any(n => line.StartsWith(n + ":", StringComparison.OrdinalIgnoreCase)));
        return string.Join("\r\n", lines.Take(1).Concat(lines.Skip(1).Order(StringComparer.Ordinal))) + message[end..];
    }

    /// <summary>The body, put together from its chunks.</summary>
    public static string Unchunked(string message)
    {
        var rest = message[(message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        if (Header(message, "Transfer-Encoding") is null) return rest;
        var body = new StringBuilder();
        while (true)
        {
            var line = rest.IndexOf("\r\n", StringComparison.Ordinal);
            var size = int.Parse(rest[..line], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0) return body.ToString();
            body.Append(rest, line + 2, size);
            rest = rest[(line + 2 + size + 2)..];
        }
    }

    private static async Task<int> ReadAsync(Stream stream, StringBuilder text, int count, CancellationToken cancellationToken)
    {
        var buffer = new byte[count];
        var read = await stream.ReadAsync(buffer, cancellationToken);
        text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        return read;
    }
}
