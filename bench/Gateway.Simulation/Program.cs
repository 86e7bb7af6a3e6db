using System.CommandLine;
using Gateway.Simulation;
using Gateway.Simulation.Duel;

var seeds = new Option<int>("--seeds") { Description = "How many worlds, 1 or more.", DefaultValueFactory = _ => 500 };
var first = new Option<int>("--first") { Description = "The first one's seed. A failing seed alone: --first N --seeds 1.", DefaultValueFactory = _ => 1 };
var unfenced = new Option<bool>("--unfenced") { Description = "Switches epoch fencing off, to see the oracle find what happens without." };
var run = new Command("run", "Simulates worlds with every fault and checks that no unit is spent twice or lost sight of.") { seeds, first, unfenced };
run.SetAction(result => SimulationRun.Execute(result.GetValue(first), result.GetValue(seeds), !result.GetValue(unfenced), Console.Out) ? 0 : 1);
var contests = new Option<int>("--seeds") { Description = "Scenarios per rule.", DefaultValueFactory = _ => 10 };
var duel = new Command("duel", "Five ways to decide whether a request is paid for, through the same traffic and faults.") { contests };
duel.SetAction(result => DuelRun.Execute(result.GetValue(contests), Console.Out));
return await new RootCommand("Simulations of the reservation engine: real code, simulated clock, network, Redis and provider.") { run, duel }.Parse(args).InvokeAsync();
