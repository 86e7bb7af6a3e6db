using System.CommandLine;
using Gateway.Configuration.Reading;

namespace Gateway.Cli.Admin;

/// <summary><c>Gateway customers create | subscriptions | portal</c>.</summary>
internal static class CustomersCommand
{
    private static readonly string[] Columns = ["id", "planId", "status", "checkoutUrl"];

    public static Command Create(Option<string> config)
    {
        var json = new Option<bool>("--json") { Description = "The admin API's own answer.", Recursive = true };
        return new Command("customers", "Sign customers up at the gateway that runs with this configuration, and find their pages.")
        {
            json, SignUp(config, json),
            OnCustomer(config, json, "subscriptions", "List a customer's subscriptions at Paygentic.", HttpMethod.Get),
            OnCustomer(config, json, "portal", "Get a link to a customer's own pages at Paygentic.", HttpMethod.Post),
        };
    }

    private static Command SignUp(Option<string> config, Option<bool> json)
    {
        var name = new Option<string>("--name") { Description = "The customer's name.", Required = true };
        var email = new Option<string>("--email") { Description = "Who has this address is this customer.", Required = true };
        var country = new Option<string>("--country") { Description = "Two letters, as in US; for tax.", Required = true };
        var zip = new Option<string?>("--zip") { Description = "Zip or postal code; for tax." };
        var state = new Option<string?>("--state") { Description = "In the US and Canada; for tax." };
        var city = new Option<string?>("--city") { Description = "For invoices." };
        var line1 = new Option<string?>("--line1") { Description = "Street and number; for invoices." };
        var externalId = new Option<string?>("--external-id") { Description = "The id in your own books." };
        var plan = new Option<string?>("--plan") { Description = "A name of Gateway:Plans; may be left out where there is one." };
        var command = new Command("create", "Customer, subscription and key in one. Run it again when it broke off: nothing is made twice.")
        {
            name, email, country, zip, state, city, line1, externalId, plan,
        };
        command.SetAction((parsed, token) => AdminCall.RunAsync(
            parsed.GetValue(config)!, parsed.GetValue(json), HttpMethod.Post, "/customers",
            AdminCall.Body(
                ("name", parsed.GetValue(name)), ("email", parsed.GetValue(email)), ("externalId", parsed.GetValue(externalId)), ("plan", parsed.GetValue(plan)),
                ("address", AdminCall.Body(
                    ("line1", parsed.GetValue(line1)), ("city", parsed.GetValue(city)), ("state", parsed.GetValue(state)),
                    ("zipCode", parsed.GetValue(zip)), ("country", parsed.GetValue(country))))),
            Columns, token));
        return command;
    }

    private static Command OnCustomer(Option<string> config, Option<bool> json, string verb, string description, HttpMethod method)
    {
        var id = AdminCall.Id(
            "The customer at Paygentic, cus_….", text => Checks.IsId(text) && text.Any(c => c != '.') ? null : "That is no customer's id, which Paygentic gives: cus_….");
        var command = new Command(verb, description) { id };
        command.SetAction((parsed, token) => AdminCall.RunAsync(
            parsed.GetValue(config)!, parsed.GetValue(json), method, $"/customers/{Uri.EscapeDataString(parsed.GetValue(id)!)}/{verb}", null, Columns, token));
        return command;
    }
}
