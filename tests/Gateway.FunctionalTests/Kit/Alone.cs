namespace Gateway.FunctionalTests.Kit;

/// <summary>For what measures milliseconds: runs when no other test does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
