using System.Diagnostics;

namespace Gateway.Torture.Streams;

/// <summary>How a stream is to end.</summary>
internal enum Fate
{
    /// <summary>The upstream ends it.</summary>
    Finished,

    /// <summary>The client goes away.</summary>
    Abandoned,

    /// <summary>The customer's funds end.</summary>
    Cut,
}

/// <summary>One stream as its client sees it; times by the client's own monotonic clock.</summary>
internal sealed class OpenStream(Fate fate, string customer) : IDisposable
{
    private const int MostAttempts = 10;
    private static readonly byte[] ErrorEvent = "event: error"u8.ToArray();
    private readonly CancellationTokenSource _leave = new();
    private HttpResponseMessage? _answer;

    public Fate Fate => fate;

    public string Customer => customer;

    /// <summary>The receipt's; none where nothing is metered.</summary>
    public Guid RequestId { get; private set; }

    public long SentAt { get; private set; }

    public long HeadersAt { get; private set; }

    /// <summary>Of the upstream's.</summary>
    public long LastEventAt { get; private set; }

    public long EndedAt { get; private set; }

    /// <summary>The answer came to an end as its protocol has it.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>The gateway's own last event.</summary>
    public bool HasErrorEvent { get; private set; }

    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Ends with the answer's headers; reads on by itself. Where it can not be decided now whether it is paid for, it asks again, as a client should.</summary>
    public async Task OpenAsync(HttpClient http, Uri address, bool http2, CancellationToken stop)
    {
        for (var attempt = 1; !await TryOpenAsync(http, address, http2, stop); attempt++)
        {
            if (attempt == MostAttempts) throw new InvalidOperationException($"{(int)_answer!.StatusCode}: {await _answer.Content.ReadAsStringAsync(stop)}");
            _answer!.Dispose();
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stop);
        }

        if (_answer!.Headers.TryGetValues("Usage-Receipt", out var receipt)) RequestId = Guid.Parse(receipt.Single());
        Ended = ReadAsync(await _answer.Content.ReadAsStreamAsync(stop));
    }

    /// <summary>The client goes away: an HTTP/1.1 connection is closed, an HTTP/2 stream is reset.</summary>
    public void Leave()
    {
        EndedAt = Stopwatch.GetTimestamp();
        _leave.Cancel();
    }

    public void Dispose()
    {
        _answer?.Dispose();
        _leave.Dispose();
    }

    private async Task<bool> TryOpenAsync(HttpClient http, Uri address, bool http2, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, $"/streams/{fate}"))
        {
            Version = http2 ? System.Net.HttpVersion.Version20 : System.Net.HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { { "X-API-Key", StreamWorld.KeyOf(customer) } },
        };
        SentAt = Stopwatch.GetTimestamp();
        _answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        HeadersAt = LastEventAt = Stopwatch.GetTimestamp();
        return _answer.IsSuccessStatusCode;
    }

    private async Task ReadAsync(Stream body)
    {
        var buffer = new byte[512];
        try
        {
            while (await body.ReadAsync(buffer, _leave.Token) is > 0 and var read)
            {
                HasErrorEvent |= buffer.AsSpan(0, read).IndexOf(ErrorEvent) >= 0;
                if (!HasErrorEvent) LastEventAt = Stopwatch.GetTimestamp();
            }

            IsWhole = true;
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            // broken off, by whichever side
        }

        if (EndedAt == 0) EndedAt = Stopwatch.GetTimestamp();
        _answer!.Dispose(); // closes the connection of an answer that is not whole
    }
}
