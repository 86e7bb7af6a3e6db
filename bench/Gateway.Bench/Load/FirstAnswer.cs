using System.Net;

namespace Gateway.Bench.Load;

/// <summary>The first request that an arm is asked, which may wait for all that is made at a first request.</summary>
internal static class FirstAnswer
{
    /// <summary>Throws <see cref="LoadFailedException"/> with the answer when it is not 2xx.</summary>
    public static async Task AwaitAsync(string arm, Target target, bool isHttp2, CancellationToken stop)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(1) };
        foreach (var address in target.Addresses)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, target.Plan.Paths[0]))
            {
                Version = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Headers = { { "X-API-Key", target.Plan.Keys[0] } },
            };
            try
            {
                using var answer = await http.SendAsync(request, stop);
                if (!answer.IsSuccessStatusCode) throw new LoadFailedException($"The first answer of {arm} is {(int)answer.StatusCode}.\n{await answer.Content.ReadAsStringAsync(stop)}");
            }
            catch (HttpRequestException e)
            {
                throw new LoadFailedException($"{arm} does not answer: {e.Message}");
            }
        }
    }
}
