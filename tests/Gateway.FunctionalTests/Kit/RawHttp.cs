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
        var head = await ReadHeadAsync(stream, cancellationToken);
        return head is not null && await ReadBodyAsync(stream, head, cancellationToken) is { } body ? head + body : null;
    }

    /// <summary>Up to and with the empty line; null where the stream ends before.</summary>
    public static async Task<string?> ReadHeadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        do
        {
            if (await ReadLineAsync(stream, head, cancellationToken) is null) return null;
        }
        while (head.Length < 4 || head.ToString(head.Length - 4, 4) != "\r\n\r\n");
        return head.ToString();
    }

    /// <summary>What follows the head, chunks and trailers as they are on the wire; null where the stream ends before.</summary>
    public static async Task<string?> ReadBodyAsync(Stream stream, string head, CancellationToken cancellationToken)
    {
        var body = new StringBuilder();
        if (Header(head, "Transfer-Encoding") is null)
        {
            var length = int.Parse(Header(head, "Content-Length") ?? "0", CultureInfo.InvariantCulture);
            return await ReadAsync(stream, body, length, cancellationToken) ? body.ToString() : null;
        }

        while (await ReadLineAsync(stream, body, cancellationToken) is { } line)
        {
            var size = int.Parse(line.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size > 0)
            {
                if (!await ReadAsync(stream, body, size + 2, cancellationToken)) return null;
                continue;
            }

            string? trailer;
            do trailer = await ReadLineAsync(stream, body, cancellationToken);
            while (trailer is { Length: > 0 });
            return trailer is null ? null : body.ToString();
        }

        return null;
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
        if (rest.Length == 0 || Header(message, "Transfer-Encoding") is null) return rest;
        var body = new StringBuilder();
        while (true)
        {
            var line = rest.IndexOf("\r\n", StringComparison.Ordinal);
            var size = int.Parse(rest[..line].Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0) return body.ToString();
            body.Append(rest, line + 2, size);
            rest = rest[(line + 2 + size + 2)..];
        }
    }

    /// <summary>What follows the last chunk, without the empty line.</summary>
    public static string Trailers(string message)
    {
        if (Header(message, "Transfer-Encoding") is null) return "";
        var last = message.LastIndexOf("\r\n0", StringComparison.Ordinal);
        return last < 0 ? "" : message[(message.IndexOf("\r\n", last + 2, StringComparison.Ordinal) + 2)..].TrimEnd();
    }

    private static async Task<bool> ReadAsync(Stream stream, StringBuilder text, int count, CancellationToken cancellationToken)
    {
        var buffer = new byte[count];
        var read = await stream.ReadAtLeastAsync(buffer, count, throwOnEndOfStream: false, cancellationToken);
        text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        return read == count;
    }

    /// <summary>Also adds the line, with its end, to the text; null at the end of the stream.</summary>
    private static async Task<string?> ReadLineAsync(Stream stream, StringBuilder text, CancellationToken cancellationToken)
    {
        var (start, next) = (text.Length, new byte[1]);
        while (text.Length < start + 2 || text[^2] != '\r' || text[^1] != '\n')
        {
            if (await stream.ReadAsync(next, cancellationToken) == 0) return null;
            text.Append((char)next[0]);
        }

        return text.ToString(start, text.Length - start - 2);
    }
}
