using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Gateway.Tests.Forwarding.Upstream;

/// <summary>All that can be seen of an answer, or of its failure.</summary>
internal sealed record Answer(string Head, string Body, string Trailers, string? Failure)
{
    public static async Task<Answer> OfAsync(HttpMessageInvoker client, HttpRequestMessage request, int bufferSize = 64 * 1024)
    {
        var (head, text, trailers) = ("", new StringBuilder(), "");
        try
        {
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            head = $"HTTP/{response.Version} {(int)response.StatusCode} '{response.ReasonPhrase}' {Of(response.Headers)} content: {Of(response.Content.Headers)}";
            using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            var buffer = new byte[bufferSize];
            while (true)
            {
                _ = await body.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken);
                var read = await body.ReadAsync(buffer, TestContext.Current.CancellationToken);
                if (read == 0) break;
                text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }

            trailers = Of(response.TrailingHeaders);
            return new Answer(head, text.ToString(), trailers, null);
        }
        catch (HttpRequestException e)
        {
            return new Answer(head, text.ToString(), trailers, string.Create(CultureInfo.InvariantCulture, $"failed: {e.HttpRequestError}"));
        }
        catch (IOException e)
        {
            return new Answer(head, text.ToString(), trailers, string.Create(CultureInfo.InvariantCulture, $"failed: {(e as HttpIOException)?.HttpRequestError ?? HttpRequestError.Unknown}"));
        }
    }

    /// <summary>How much of a body is read before it fails depends on how it comes in.</summary>
    public static void AssertSame(Answer expected, Answer actual)
    {
        if (expected.Failure is not null && actual.Failure is not null)
        {
            var length = Math.Min(expected.Body.Length, actual.Body.Length);
            (expected, actual) = (expected with { Body = expected.Body[..length] }, actual with { Body = actual.Body[..length] });
        }

        Assert.Equal(expected, actual);
    }

    /// <summary>Without Transfer-Encoding, which the default client has taken apart, and nobody passes on.</summary>
    private static string Of(HttpHeaders headers) => string.Join(
        ", ", headers.NonValidated.Where(h => h.Key != "Transfer-Encoding").SelectMany(h => h.Value.Select(v => $"{h.Key}='{v}'")));
}
