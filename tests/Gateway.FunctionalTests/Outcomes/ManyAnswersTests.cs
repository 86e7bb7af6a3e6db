using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;
using Gateway.Model;
using Gateway.Sandbox;

namespace Gateway.FunctionalTests.Outcomes;

/// <summary>
/// Two hundred answers that go on at once: the upstream ends a third, clients leave a third, and of the others' customer the funds end. The large one, with
/// memory, is <c>bench/Gateway.Torture -- streams</c>.
/// </summary>
public sealed class ManyAnswersTests
{
    private const int Answers = 200;
    private const int Broke = 66;
    private const int OpenedAtOnce = 16;
    private const long Slice = 1_500;
    private const string BrokeCustomer = "cus_broke";
    private const string BrokeKey = "broke_key_do_not_use_in_production";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_many_answers_each_is_charged_once_and_for_its_own_time_however_it_ends(bool http2)
    {
        await using var world = await OutcomeWorld.StartAsync(
            wallet: "1000.00", edit: Configure, others: new SeedCustomer(BrokeCustomer, "Broke", "broke@example.com", $"{(Broke * 2 * Slice / 10_000m) + 1}")); // two slices each, at 0.0001
        using var http = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = true });
        var answers = Enumerable.Range(0, Answers).Select(n => new Answer(n < Broke ? Outcome.FundsEnded : n % 2 == 0 ? Outcome.Answered : Outcome.ClientGoneReading)).ToList();

        await Parallel.ForEachAsync(
            answers, new ParallelOptions { MaxDegreeOfParallelism = OpenedAtOnce, CancellationToken = TestContext.Current.CancellationToken },
            async (answer, stop) => await answer.OpenAsync(http, http2 ? world.Http2 : world.Http1, http2, stop));
        foreach (var answer in answers.Where(a => a.Ends == Outcome.Answered)) world.Upstream.Release(answer.Id);
        foreach (var answer in answers.Where(a => a.Ends == Outcome.ClientGoneReading)) answer.Leave();
        await Task.WhenAll(answers.Select(a => a.Ended)).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var deadline = new Deadline(TimeSpan.FromSeconds(20));
        while (world.Open().Any()) Assert.True(await deadline.TickAsync(), "Something is still held.");

        var settled = world.Settled().ToList();
        var held = world.HeldUnits();
        Assert.Equal(settled.Count, settled.Select(s => s.RequestId).Distinct().Count());
        var byId = settled.ToDictionary(s => s.RequestId);
        foreach (var answer in answers) Judge(answer, byId, held);
        Assert.Empty(byId); // whatever is left belongs to nobody
        Assert.DoesNotContain(settled.SelectMany(s => s.Charges.ToArray()), c => c.Entitlement is null);
        foreach (var answer in answers) answer.Dispose();
        foreach (var customer in new[] { World.Customer, BrokeCustomer }) await JudgeAsync(world, customer, settled);
    }

    private static void Judge(Answer answer, Dictionary<Guid, Settlement> settled, Dictionary<Guid, long> held)
    {
        Assert.True(settled.Remove(answer.Receipt, out var end), "An answer was never charged.");
        var (slices, set) = (0L, 0L);
        for (var number = 1; settled.Remove(SliceId.Of(answer.Receipt, number), out var slice); number++)
        {
            slices += Units(slice, "milliseconds");
            Assert.InRange(Units(slice, "milliseconds"), Slice, (slice.UpstreamMicroseconds / 1000) - set);
            set = slices;
        }

        var (charged, measured) = (slices + Units(end, "milliseconds"), end.UpstreamMicroseconds / 1000.0);
        Assert.Equal((answer.Ends, 1L), (end.Outcome, Units(end, "basic-submissions")));
        if (answer.Ends == Outcome.FundsEnded)
        {
            Assert.Equal(slices + held[answer.Receipt] - 1, charged); // one unit is the request's
            Assert.True(charged <= measured);
            Assert.Contains("no-funds", answer.Text, StringComparison.Ordinal);
            return;
        }

        Assert.InRange((charged * 1000) - end.UpstreamMicroseconds, 0, 1000); // rounded up once; the journal's own time is cut to microseconds
        var late = answer.Ends == Outcome.ClientGoneReading ? 5_000 : 0; // until the gateway sees that the client has gone
        Assert.InRange(measured, answer.AtLeast.TotalMilliseconds, answer.AtMost.TotalMilliseconds + late);
    }

    private static async Task JudgeAsync(OutcomeWorld world, string customer, List<Settlement> settled)
    {
        var own = settled.Where(s => s.Customer.Value == customer).ToList();
        var (requests, milliseconds) = (own.Sum(s => Units(s, "basic-submissions")), own.Sum(s => Units(s, "milliseconds")));
        var ledger = await world.LedgerWhenAsync(customer, l => l.Quantity("bm_basic") == requests && l.Quantity("bm_execution_time") == milliseconds);
        Assert.Equal((requests, milliseconds), (ledger.Quantity("bm_basic"), ledger.Quantity("bm_execution_time")));
        Assert.Equal(0, ledger.ConflictingDuplicates);
        Assert.All(ledger.Entitlements, e => Assert.True(e["unitsUsed"]!.GetValue<long>() <= e["quantity"]!.GetValue<long>()));
    }

    private static long Units(Settlement settlement, string metric) => settlement.Charges.ToArray().Where(c => c.Metric.Value == metric).Sum(c => c.Units);

    private static void Configure(JsonObject root)
    {
        var gateway = root["Gateway"]!;
        gateway["ApiKeys"]!["Static"]!.AsArray().Add(new JsonObject { ["Key"] = BrokeKey, ["CustomerId"] = BrokeCustomer });
        foreach (var cluster in new[] { "h1", "h2" }) gateway["Routes"]![$"{cluster}-slices"]!["Meters"]![1]!["Hold"] = Slice;
    }

    private sealed class Answer(Outcome ends) : IDisposable
    {
        private readonly CancellationTokenSource _leave = new();
        private HttpResponseMessage? _response;
        private long _sentAt;
        private long _headersAt;
        private long _endedAt;

        public Outcome Ends => ends;

        public string Id { get; } = Guid.NewGuid().ToString("N");

        public Guid Receipt { get; private set; }

        public string Text { get; private set; } = "";

        public Task Ended { get; private set; } = Task.CompletedTask;

        /// <summary>For an answer that its client leaves: until then. Of another only its beginning is known here.</summary>
        public TimeSpan AtLeast => ends == Outcome.ClientGoneReading ? Stopwatch.GetElapsedTime(_headersAt, _endedAt) : TimeSpan.Zero;

        public TimeSpan AtMost => Stopwatch.GetElapsedTime(_sentAt, _endedAt);

        public async Task OpenAsync(HttpClient http, Uri gateway, bool http2, CancellationToken stop)
        {
            var path = $"/{(http2 ? "h2" : "h1")}/slices/sse/{(ends == Outcome.Answered ? "finish" : "open")}/{Id}";
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway, path))
            {
                Version = http2 ? HttpVersion.Version20 : HttpVersion.Version11,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Headers = { { "X-API-Key", ends == Outcome.FundsEnded ? BrokeKey : World.Key } },
            };
            _sentAt = Stopwatch.GetTimestamp();
            _response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
            _headersAt = Stopwatch.GetTimestamp();
            Assert.Equal(HttpStatusCode.OK, _response.StatusCode);
            Receipt = Guid.Parse(_response.Headers.GetValues("Usage-Receipt").Single());
            Ended = ReadAsync();
        }

        public void Leave()
        {
            _endedAt = Stopwatch.GetTimestamp();
            _leave.Cancel();
        }

        public void Dispose()
        {
            _response?.Dispose();
            _leave.Dispose();
        }

        private async Task ReadAsync()
        {
            try
            {
                Text = await new StreamReader(await _response!.Content.ReadAsStreamAsync(_leave.Token)).ReadToEndAsync(_leave.Token);
                _endedAt = Stopwatch.GetTimestamp();
            }
            catch (OperationCanceledException)
            {
                _response!.Dispose(); // the connection is closed, or its stream reset
            }
        }
    }
}
