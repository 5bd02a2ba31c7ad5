using Forge.Cli.Hosting;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>What cannot be meant is said to be so, and nothing is sent.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("checkpoint", "create", "s", "-m", "m", "-s", "@")]
    [InlineData("checkpoint", "create", "s", "-m", "m", "-s", "1", "--idempotency-key", "\u00E9")]
    [InlineData("checkpoint", "create", "s", "-m", "m", "-s", "1", "--idempotency-key", "")]
    [InlineData("checkpoint", "create", "s", "-m", "m", "-s", "1", "--key", "\u00E9")]
    [InlineData("checkpoint", "list", "s", "--from", "2147483647h")]
    [InlineData("checkpoint", "list", "s", "--key", "@")]
    [InlineData("checkpoint", "show", "s", "-o", "")]
    [InlineData("session", "export", "s", "-o", "")]
    [InlineData("session", "import", "s", "")]
    [InlineData("replay", "")]
    [InlineData("replay", "", "--make-sample", "3")]
    [InlineData("checkpoint", "restore", "s", "1", "--save-message", "m")]
    [InlineData("checkpoint", "restore", "s", "1", "--content-type", "text/plain")]
    [InlineData("session", "claim", "s", "--if-free")]
    [InlineData("session", "claim", "s", "--lease", "5m")]
    [InlineData("watch", "s", "--prefix", "p")]
    [InlineData("watch", "s", "--label", "a:b")]
    [InlineData("watch", "s", "--after", "\u00E9")]
    public async Task RunAsync_WhatCannotBeMeant_IsSaidSo(params string[] command)
    {
        await using var silo = await StubSilo.StartAsync(_ => StubAnswer.Ok("{}"));
        using var run = CommandLineRun.For(silo.Url);

        var result = await run.RunAsync(command);

        Assert.Equal((ExitCode.Usage, ""), (result.Code, result.Text));
        Assert.StartsWith("error: ", result.Error, StringComparison.Ordinal);
        Assert.Empty(silo.Requests);
    }

    [Theory]
    [InlineData("plain-1.2_3:4", "plain-1.2_3:4")]
    [InlineData("", "''")]
    [InlineData("two words", "'two words'")]
    [InlineData("it's $(x)", @"'it'\''s $(x)'")]
    public void Quote_AnyWord_IsOneWordOfAShell(string word, string quoted) => Assert.Equal(quoted, Shell.Quote(word));
}
