using System.Net;
using System.Security.Cryptography;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Reservations;

/// <summary>Clients that submit to whatever gateway they are given, and remember what they were answered in full.</summary>
internal sealed class FleetLoad(int customers, Func<HttpClient?> gateway)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _answered = [];
    private readonly Dictionary<HttpStatusCode, int> _statuses = [];
    private readonly int[] _brokenOff = new int[customers];
    private volatile bool _stop;

    public int Answered
    {
        get
        {
            lock (_lock) return _answered.Count;
        }
    }

    public IReadOnlyCollection<string> AnsweredRequests => _answered;

    public IReadOnlyDictionary<HttpStatusCode, int> Statuses => _statuses;

    /// <summary>Requests of each customer that ended without an answer.</summary>
    public IReadOnlyList<int> BrokenOff => _brokenOff;

    public Task[] Start(int clients) => [.. Enumerable.Range(0, clients).Select(_ => Task.Run(RunAsync))];

    public void Stop() => _stop = true;

    private async Task RunAsync()
    {
        while (!_stop)
        {
            if (gateway() is not { } client)
            {
                await Task.Yield();
                continue;
            }

            var customer = RandomNumberGenerator.GetInt32(customers);
            try
            {
                using var request = Fleet.Submission(customer, premium: RandomNumberGenerator.GetInt32(2) == 0);
                using var answer = await client.SendAsync(request);
                await answer.Content.ReadAsByteArrayAsync();
                lock (_lock)
                {
                    _statuses[answer.StatusCode] = _statuses.GetValueOrDefault(answer.StatusCode) + 1;
                    if (answer.StatusCode == HttpStatusCode.Created) _answered.Add(answer.Headers.GetValues("X-Request-Id").Single());
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or ObjectDisposedException)
            {
                Interlocked.Increment(ref _brokenOff[customer]); // that gateway was killed
            }
        }
    }
}
