namespace Gateway.Model;

/// <summary>A customer as Paygentic knows it (<c>cus_…</c>). Opaque: compared, never parsed.</summary>
internal readonly record struct CustomerId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>A metric by its name in the configuration (<c>Gateway:Metrics</c>), for example <c>basic-submissions</c>.</summary>
internal readonly record struct MetricName(string Value)
{
    public override string ToString() => Value;
}

/// <summary>Funds set aside at the billing provider. Opaque: Paygentic says <c>ent_…</c> in one place and <c>com_…</c> in another.</summary>
internal readonly record struct EntitlementId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>One customer and one metric: the unit of bookkeeping.</summary>
internal readonly record struct AccountId(CustomerId Customer, MetricName Metric)
{
    public override string ToString() => $"{Customer.Value}/{Metric.Value}";
}
