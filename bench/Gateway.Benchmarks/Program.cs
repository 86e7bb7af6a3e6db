using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Gateway.Benchmarks;

// --latency times each append by itself and prints percentiles.
if (args is ["--latency"])
{
    await AppendLatency.RunAsync();
    return 0;
}

// --smoke runs each benchmark once, in this process, so that none can rot.
var smoke = args.Contains("--smoke");
var config = smoke ? ManualConfig.CreateMinimumViable().AddJob(Job.Dry.WithToolchain(InProcessEmitToolchain.Instance)) : null;
string[] rest = [.. args.Except(["--smoke"])];
var summaries = BenchmarkSwitcher.FromAssembly(typeof(LeaseBenchmarks).Assembly).Run(smoke && rest.Length == 0 ? ["--filter", "*"] : rest, config);
return summaries.Any(s => s.HasCriticalValidationErrors || s.Reports.Any(r => !r.Success)) ? 1 : 0;
