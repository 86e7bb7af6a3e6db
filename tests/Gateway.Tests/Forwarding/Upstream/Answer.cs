using System.Net.Http.Headers;
using System.Text;

namespace Gateway.Tests.Forwarding.Upstream;

/// <summary>All that can be seen of an answer, or of its failure, as one text.</summary>
internal static class Answer
{
    public static async Task<string> OfAsync(HttpMessageInvoker client, HttpRequestMessage request, int bufferSize = 64 * 1024)
    {
        var seen = new StringBuilder();
        try
        {
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            seen.Append(System.Globalization.CultureInfo.InvariantCulture, $"HTTP/{response.Version} {(int)response.StatusCode} '{response.ReasonPhrase}'\n");
            Append(seen, "header", response.Headers);
            Append(seen, "content", response.Content.Headers);
            using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            var buffer = new byte[bufferSize];
            while (true)
            {
                await body.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken);
                var read = await body.ReadAsync(buffer, TestContext.Current.CancellationToken);
                if (read == 0) break;
                seen.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }

            Append(seen, "\ntrailer", response.TrailingHeaders);
        }
        catch (HttpRequestException e)
        {
            seen.Append(System.Globalization.CultureInfo.InvariantCulture, $"\nrequest failed: {e.HttpRequestError}");
        }
        catch (HttpIOException e)
        {
            seen.Append(System.Globalization.CultureInfo.InvariantCulture, $"\nbody failed: {e.HttpRequestError}");
        }
        catch (IOException)
        {
            seen.Append("\nbody failed");
        }

        return seen.ToString();
    }

    private static void Append(StringBuilder seen, string kind, HttpHeaders headers)
    {
        foreach (var (name, values) in headers.NonValidated)
        {
            foreach (var value in values) seen.Append(System.Globalization.CultureInfo.InvariantCulture, $"{kind} {name}: '{value}'\n");
        }
    }
}
