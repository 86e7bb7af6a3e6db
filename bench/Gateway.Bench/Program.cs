using Gateway.Bench;

return await BenchCommand.RunAsync(args);
