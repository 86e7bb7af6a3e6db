using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Forwarding;

/// <summary>A branch of YARP's pipeline, to which its own steps can be added.</summary>
internal sealed class ProxyBranch(IApplicationBuilder branch) : IReverseProxyApplicationBuilder
{
    public IServiceProvider ApplicationServices { get => branch.ApplicationServices; set => branch.ApplicationServices = value; }

    public IFeatureCollection ServerFeatures => branch.ServerFeatures;

    public IDictionary<string, object?> Properties => branch.Properties;

    public RequestDelegate Build() => branch.Build();

    public IApplicationBuilder New() => branch.New();

    public IApplicationBuilder Use(Func<RequestDelegate, RequestDelegate> middleware)
    {
        branch.Use(middleware);
        return this;
    }
}
