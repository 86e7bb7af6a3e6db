using System.CommandLine;
using Gateway.Torture;

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

return await new RootCommand("Real processes, real sockets, a real disk: what the gateway promises, put to the test.") { kill, outage, ship }.Parse(args).InvokeAsync();
