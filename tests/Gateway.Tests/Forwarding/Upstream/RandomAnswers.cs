using System.Text;
using CsCheck;

namespace Gateway.Tests.Forwarding.Upstream;

/// <summary>Answers that are mostly right, with an error here and there, and ways to cut them into pieces.</summary>
internal static class RandomAnswers
{
    private static readonly Gen<string> NewLine = Gen.Frequency((9, Gen.Const("\r\n")), (1, Gen.Const("\n")));

    private static readonly Gen<string> Name = Gen.Frequency(
        (8, Gen.OneOf("Server", "date", "Content-Type", "X-Request-Id", "ETag", "Set-Cookie", "Vary", "Keep-Alive", "Via", "Expires", "Accept", "X-Other")),
        (4, Gen.String[Gen.Char["abcXYZ-_09"], 1, 12]),
        (1, Gen.OneOf("", "a b", "x\t", "\xe9", "x ")));

    private static readonly Gen<string> Value = Gen.Frequency(
        (6, Gen.String[Gen.Char[' ', '~'], 0, 40]),
        (1, Gen.String[Gen.Char['\x80', '\xff'], 0, 5]),
        (1, Gen.Const("folded\r\n here\r\n\tand there")),
        (1, Gen.String[Gen.Char['a', 'z'], 4000, 9000]));

    private static readonly Gen<string> Headers = Gen.Select(Name, Value, NewLine, (name, value, end) => $"{name}: {value}{end}").List[0, 6].Select(string.Concat);

    private static readonly Gen<string> Body = Gen.Frequency(
        (5, Gen.String[Gen.Char['\0', '\xff'], 0, 300]),
        (1, Gen.String[Gen.Char['a', 'z'], 7000, 40_000]));

    private static readonly Gen<string> Chunk = Gen.Select(Body.Where(b => b.Length > 0), NewLine, Gen.Frequency((6, Gen.Const("")), (2, Gen.Const(";x=\"y\"")), (1, Gen.Const(" "))),
        (data, end, extension) => $"{data.Length:x}{extension}{end}{data}{end}");

    private static readonly Gen<string> Chunks = Gen.Select(Chunk.List[0, 5], Headers, NewLine, (chunks, trailers, end) => $"{string.Concat(chunks)}0{end}{trailers}{end}");

    private static readonly Gen<string> Framed = Gen.OneOf(
        Gen.Select(Body, Headers, (body, headers) => $"{headers}Content-Length: {body.Length}\r\n\r\n{body}"),
        Gen.Select(Body, Headers, (body, headers) => $"{headers}\r\n{body}"),
        Gen.Select(Chunks, Headers, (chunks, headers) => $"{headers}Transfer-Encoding: chunked\r\n\r\n{chunks}"));

    private static readonly Gen<string> Status = Gen.Frequency(
        (9, Gen.Select(Gen.Int[200, 599], Gen.OneOf("", " ", " OK", " Not Found", " whatever"), (code, reason) => $"HTTP/1.1 {code}{reason}\r\n")),
        (2, Gen.OneOf("HTTP/1.0 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\n", "HTTP/1.1 102\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n")),
        (1, Gen.OneOf("HTTP/1.1  200 OK\r\n", "HTTP/1.1 200OK\r\n", "ICY 200 OK\r\n", "\r\n")));

    private static readonly Gen<string> Whole = Gen.Select(Status, Framed, string.Concat);

    /// <summary>Most as they are, some broken off, some with one byte changed.</summary>
    public static Gen<(byte[] Bytes, int Cut, int Buffer)> Any { get; } = Gen.Select(
        Whole, Gen.Int[0, 9], Gen.Double[0, 1], Gen.Byte, Gen.OneOf(1, 2, 7, 100, 5000, 100_000), Gen.OneOf(1, 50, 4096, 65_536),
        (text, kind, at, other, cut, buffer) =>
        {
            var bytes = Encoding.Latin1.GetBytes(text);
            var place = (int)(at * (bytes.Length - 1));
            if (kind == 0) bytes = bytes[..place];
            if (kind == 1 && bytes.Length > 0 && !IsLength(text, place)) bytes[place] = other;
            return (bytes, bytes.Length / cut > 2000 ? 1000 : cut, bytes.Length / buffer > 2000 ? 1000 : buffer);
        });

    /// <summary>A length that is no number is refused here, where the default client reads to the end: <see cref="ExchangeTests"/> has those.</summary>
    private static bool IsLength(string text, int place)
    {
        const string Name = "Content-Length:";
        var at = text.LastIndexOf(Name, StringComparison.Ordinal);
        return at >= 0 && place >= at + Name.Length && place < text.IndexOf('\r', at) + 1;
    }
}
