using System.Net;
using System.Net.Http.Json;
using Forge.Errors;
using Forge.Grains.Tests.Http;
using Forge.Grains.Tests.Security;
using Forge.Silo.Hosting;

namespace Forge.Grains.Tests.Encryption;

/// <summary>The command on the host, and a silo that encrypts, by HTTP.</summary>
public sealed class EncryptionCommandTests
{
    private static readonly string[] Keys = [.. new[] { "a", "b" }.Select(name => Convert.ToBase64String(TestKeys.KeyOf(name)))];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData]
    [InlineData("make")]
    [InlineData("destroy", "--tenant", "t")]
    [InlineData("destroy", "--yes")]
    [InlineData("destroy", "--tenant", "t", "--yes=no")]
    [InlineData("rotate", "--name", "x")]
    public async Task Run_CommandLineThatIsNone_SaysHowOneIs(params string[] args)
    {
        using var folder = new TemporaryFolder();
        var error = await Assert.ThrowsAsync<FormatException>(() => RunAsync(args, $"--Forge:Data={folder.Path}"));

        Assert.Contains("encryption destroy --tenant TENANT --yes", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Run_WithoutADatabase_MakesNone()
    {
        using var folder = new TemporaryFolder();
        await Assert.ThrowsAsync<InvalidRequestException>(() => RunAsync(["list"], $"--Forge:Data={folder.Path}"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Run_BesideASilo_RotatesAndDestroysWhatItReads()
    {
        using var folder = new TemporaryFolder();
        string[] settings = ["Forge:Security:Mode=Off", "Forge:Database=Sqlite", $"Forge:Data={folder.Path}"];
        string[] database = [$"--Forge:Data={folder.Path}", $"--Forge:Encryption:Keys:0={Keys[0]}"];
        await using (var silo = await SecuredSilo.StartAsync([.. settings, "Forge:Encryption:Mode=On", $"Forge:Encryption:Keys:0={Keys[0]}"]))
        {
            await new SessionHttp(silo.Client, "s").CreateAsync("one");
            Assert.Contains("Data key 2", await RunAsync(["rotate"], database), StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(silo.Client));
        }

        Assert.Contains("2 data keys", await RunAsync(["rewrap"], [.. database[..1], $"--Forge:Encryption:Keys:0={Keys[1]}", $"--Forge:Encryption:Keys:1={Keys[0]}"]), StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidRequestException>(() => RunAsync(["rewrap"], database));
        Assert.Equal(2, (await RunAsync(["list"], database)).Trim().Split('\n').Length);

        // A silo without the key tells what is the matter, and does not fall over.
        await using var blind = await SecuredSilo.StartAsync(settings);
        using var answer = await blind.Client.GetAsync("/v1/sessions/s/checkpoints/1", Cancel);
        var problem = await HttpAnswer.ReadAsync(answer);
        Assert.Equal((HttpStatusCode.Conflict, "key_missing"), (problem.Status, problem.Json.GetProperty("code").GetString()));
        Assert.Contains("2 data keys", await RunAsync(["destroy", "--tenant", "default", "--yes"], database), StringComparison.Ordinal);
        Assert.Contains("destroyed", await RunAsync(["list"], database), StringComparison.Ordinal);
        using var verified = await blind.Client.PostAsJsonAsync("/v1/sessions/s/verify", new { }, Cancel);
        Assert.Equal(1, (await HttpAnswer.ReadAsync(verified)).Json.GetProperty("unopened").GetInt64());
    }

    [Fact]
    public async Task Run_DestroyBesideASiloThatHoldsTheSession_HasItForgetWhatItHoldsAndStandOnNothingOfIt()
    {
        using var folder = new TemporaryFolder();
        string[] settings =
        [
            "Forge:Security:Mode=Off", "Forge:Database=Sqlite", $"Forge:Data={folder.Path}", "Forge:Encryption:Mode=On", $"Forge:Encryption:Keys:0={Keys[0]}",
            "Forge:Encryption:CheckInterval=00:00:01",
        ];

        // Long enough for the next one to be stored as a difference.
        var text = new string('x', 400);
        await using (var silo = await SecuredSilo.StartAsync(settings))
        {
            var session = new SessionHttp(silo.Client, "s");
            await session.CreateAsync(text + "1");
            await session.CreateAsync(text + "2");
            Assert.Equal(HttpStatusCode.OK, (await session.GetAsync("/checkpoints/2")).Status);
            await RunAsync(["destroy", "--tenant", "default", "--yes"], $"--Forge:Data={folder.Path}");

            var answer = await SecuredSilo.UntilAsync(() => session.GetAsync("/checkpoints/2"), got => got.Status != HttpStatusCode.OK);
            answer.MustRefuse(HttpStatusCode.Conflict, "key_missing");
            await session.CreateAsync(text + "3");
            await session.CreateAsync(text + "4");
            var listed = (await session.GetAsync("/checkpoints")).Text;
            Assert.DoesNotContain(text + "2", listed, StringComparison.Ordinal);
            Assert.Contains(text + "3", listed, StringComparison.Ordinal);
        }

        // Nothing is held any more.
        await using var again = await SecuredSilo.StartAsync(settings);
        foreach (var sequence in new[] { 3, 4 })
        {
            var answer = await new SessionHttp(again.Client, "s").GetAsync($"/checkpoints/{sequence}");
            Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/v1/sessions/s/checkpoints/1", Cancel);
        return answer.StatusCode;
    }

    private static async Task<string> RunAsync(string[] args, params string[] settings)
    {
        await using var output = new StringWriter();
        await EncryptionCommand.RunAsync([.. args, .. settings], output, output);
        return output.ToString();
    }
}
