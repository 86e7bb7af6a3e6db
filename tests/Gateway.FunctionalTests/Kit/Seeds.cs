using Gateway.Sandbox;

namespace Gateway.FunctionalTests.Kit;
