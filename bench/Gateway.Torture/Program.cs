using System.CommandLine;
using Gateway.Torture;
using Gateway.Torture.Streams;

var kills = new Option<int>("--kills") { Description = "How often the gateway is killed, 1 or more.", DefaultValueFactory = _ => 50 };
var seed = new Option<int>("--seed") { Description = "Of the instants and the faults.", DefaultValueFactory = _ => 1 };
var aggregate = new Option<string>("--aggregate") { Description = "Gateway:Shipping:Aggregate; then sums are compared, and not single events.", DefaultValueFactory = _ => "None" };
var kill = new Command("kills", "Kills the gateway (SIGKILL) under load, again and again, with a sandbox that misbehaves; then compares answers with charges.") { kills, seed, aggregate };
kill.SetAction((parsed, stop) => KillRun.ExecuteAsync(parsed.GetValue(kills), parsed.GetValue(seed), parsed.GetValue(aggregate)!, stop));

var seconds = new Option<int>("--seconds") { Description = "How long the sandbox is away.", DefaultValueFactory = _ => 600 };
var rate = new Option<int>("--rate") { Description = "Requests a second.", DefaultValueFactory = _ => 2000 };
var outage = new Command("outage", "Takes the sandbox away under load and looks at memory, disk and how long it takes to catch up.") { seconds, rate };
outage.SetAction((parsed, stop) => OutageRun.ExecuteAsync(parsed.GetValue(seconds), parsed.GetValue(rate), stop));

var events = new Option<int>("--events") { Description = "Charges in the journal at the start.", DefaultValueFactory = _ => 1_000_000 };
var bad = new Option<int>("--malformed") { Description = "How many of them the provider will refuse.", DefaultValueFactory = _ => 0 };
var ship = new Command("ship", "Starts a gateway on a journal full of unshipped charges: how soon it is ready, how fast they go out.") { events, bad };
ship.SetAction((parsed, stop) => ShipRun.ExecuteAsync(parsed.GetValue(events), parsed.GetValue(bad), stop));

var open = new Option<int>("--streams") { Description = "Open at once.", DefaultValueFactory = _ => 10_000 };
var http2 = new Option<bool>("--http2") { Description = "Clients speak HTTP/2, 100 streams a connection; otherwise HTTP/1.1." };
var rounds = new Option<int?>("--rounds") { Description = "Each with processes of its own; 3, or 1 where there are fewer than 5,000 streams." };
var hold = new Option<int?>("--hold") { Description = "Seconds of a slice; 20, or 4 where there are fewer than 5,000 streams." };
var interval = new Option<int>("--event-ms") { Description = "Milliseconds from one event of a stream to its next.", DefaultValueFactory = _ => 3000 };
var streams = new Command("streams", "Opens many streams through bare YARP and through the gateway: what each costs in memory, and whether each is charged right.") { open, http2, rounds, hold, interval };
streams.SetAction((parsed, stop) =>
{
    var count = parsed.GetValue(open);
    return StreamRun.ExecuteAsync(
        new StreamPlan(count, parsed.GetValue(http2), parsed.GetValue(rounds) ?? (count < 5000 ? 1 : 3), parsed.GetValue(hold) ?? (count < 5000 ? 4 : 20), parsed.GetValue(interval)), stop);
});

var words = new Argument<string[]>("arguments") { Arity = ArgumentArity.OneOrMore };
var bare = new Command("bare-proxy") { words };
bare.Hidden = true;
bare.SetAction((parsed, stop) => parsed.GetValue(words) is [var http1, var h2, var upstream, var version] ? BareProxy.RunAsync(Number(http1), Number(h2), upstream, version, stop) : Task.FromResult(2));
var source = new Command("stream-upstream") { words };
source.Hidden = true;
source.SetAction((parsed, stop) => parsed.GetValue(words) is [var http1, var h2, var pause] ? EventUpstream.RunAsync(Number(http1), Number(h2), Number(pause), stop) : Task.FromResult(2));

return await new RootCommand("Real processes, real sockets, a real disk: what the gateway promises, put to the test.") { kill, outage, ship, streams, bare, source }.Parse(args).InvokeAsync();

static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
