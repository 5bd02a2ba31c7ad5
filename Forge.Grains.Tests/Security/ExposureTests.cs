using Forge.Silo.Hosting;
using Forge.Silo.Security;

namespace Forge.Grains.Tests.Security;

/// <summary>A silo listens elsewhere than on its own machine only if somebody has decided who may come in.</summary>
public sealed class ExposureTests
{
    [Theory]
    [InlineData("urls=http://0.0.0.0:0")]
    [InlineData("urls=http://127.0.0.1:0;http://*:0")]
    [InlineData("urls=http://[::]:0")]
    [InlineData("http_ports=0")]
    [InlineData("Kestrel:Endpoints:Http:Url=http://0.0.0.0:0")]
    public async Task Start_OnAllAddressesWithoutSecurity_IsRefused(string setting)
    {
        string[] settings = setting.StartsWith("urls=", StringComparison.Ordinal)
            ? [setting, "Forge:Security:Mode=Off"] : [setting, "urls=", "Forge:Security:Mode=Off"];

        var error = await Assert.ThrowsAsync<ExposedException>(() => SecuredSilo.StartAsync(settings));

        Assert.Contains("Forge:Security:Mode=On", StartFailure.Explain(error), StringComparison.Ordinal);
        Assert.Contains("Forge:Security:AllowAnonymous=true", StartFailure.Explain(error), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Forge:Security:Mode=On")]
    [InlineData("Forge:Security:AllowAnonymous=true")]
    public async Task Start_OnAllAddressesByDecision_Starts(string decision)
    {
        await using var silo = await SecuredSilo.StartAsync(
            [decision, "urls=http://0.0.0.0:0", .. decision.EndsWith("On", StringComparison.Ordinal) ? Array.Empty<string>() : ["Forge:Security:Mode=Off"]]);
    }

    [Theory]
    [InlineData("http://127.0.0.1:5080", true)]
    [InlineData("http://127.8.8.8:5080", true)]
    [InlineData("http://localhost:5080", true)]
    [InlineData("http://LOCALHOST:5080", true)]
    [InlineData("https://[::1]:5080", true)]
    [InlineData("http://unix:/tmp/forge.sock", true)]
    [InlineData("http://0.0.0.0:5080", false)]
    [InlineData("http://[::]:5080", false)]
    [InlineData("http://*:5080", false)]
    [InlineData("http://+:5080", false)]
    [InlineData("http://10.0.0.1:5080", false)]
    [InlineData("http://forge.example:5080", false)]
    [InlineData("http://localhost.example:5080", false)]
    public void IsLocal_Address_IsTrueForThisMachineAlone(string url, bool expected) => Assert.Equal(expected, ExposureCheck.IsLocal(url));
}
