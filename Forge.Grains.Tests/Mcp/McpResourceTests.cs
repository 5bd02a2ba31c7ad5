using System.Text;
using System.Text.Json;
using Forge.Grains.Tests.Http;
using Forge.Grains.Tests.Rpc;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Forge.Grains.Tests.Mcp;

/// <summary>Sessions as resources.</summary>
public sealed class McpResourceTests(SiloServer server) : McpServerTests(server)
{
    [Fact]
    public async Task Templates_NameASessionAndItsLatestState() => Assert.Equal(
        ["forge://{tenant}/{session}", "forge://{tenant}/{session}/latest"],
        (await Caller.Client.ListResourceTemplatesAsync(cancellationToken: TestContext.Current.CancellationToken)).Select(template => template.UriTemplate));

    [Fact]
    public async Task List_InPages_HasTheSessionsByTheirActivity()
    {
        await using var host = await RpcHost.StartAsync();
        using var http = new HttpClient { BaseAddress = host.Root };
        await using var caller = await McpCaller.ConnectAsync(host.Root);
        var names = Enumerable.Range(0, 60).Select(i => $"s%{i}#?").ToHashSet();
        foreach (var name in names)
        {
            await new SessionHttp(http, name).CreateAsync("m");
        }

        var first = await caller.Client.ListResourcesAsync(new ListResourcesRequestParams(), TestContext.Current.CancellationToken);
        Assert.Equal(50, first.Resources.Count);
        var second = await caller.Client.ListResourcesAsync(new ListResourcesRequestParams { Cursor = first.NextCursor }, TestContext.Current.CancellationToken);
        Assert.Null(second.NextCursor);
        Assert.True(names.SetEquals(first.Resources.Concat(second.Resources).Select(resource => resource.Name)));
        var read = await caller.Client.ReadResourceAsync(first.Resources[0].Uri, cancellationToken: TestContext.Current.CancellationToken);
        var info = JsonDocument.Parse(Assert.IsType<TextResourceContents>(Assert.Single(read.Contents)).Text).RootElement;
        Assert.Equal(first.Resources[0].Name, info.GetProperty("session").GetString());
        var refused = await Assert.ThrowsAsync<McpProtocolException>(async () =>
            await caller.Client.ListResourcesAsync(new ListResourcesRequestParams { Cursor = "x" }, TestContext.Current.CancellationToken));
        Assert.Equal(McpErrorCode.InvalidParams, refused.ErrorCode);
    }

    [Fact]
    public async Task LatestState_ComesAsItIs_OrInOutline()
    {
        await Http.PostAsync("/checkpoints", """{"message":"m","state":{ "a":1.0 }}""");
        Assert.Equal(("application/json", """{ "a":1.0 }"""), await ReadTextAsync());
        await Http.PostAsync("/checkpoints?message=m", "plain é"u8.ToArray(), "text/plain");
        Assert.Equal(("text/plain", "plain é"), await ReadTextAsync());
        await Http.PostAsync("/checkpoints?message=m", [0xff, 0], "image/png");
        var blob = Assert.IsType<BlobResourceContents>(await ReadAsync());
        Assert.Equal("image/png", blob.MimeType);
        Assert.Equal([0xff, 0], blob.DecodedData.ToArray());

        await Http.PostAsync("/checkpoints", $$$"""{"message":"m","state":{"a":"{{{new string('x', 40_000)}}}","b":2}}""");
        var (type, text) = await ReadTextAsync();
        Assert.Equal("application/json", type);
        Assert.InRange(Encoding.UTF8.GetByteCount(text), 1, 32 * 1024);
        Assert.Equal(2, JsonDocument.Parse(text).RootElement.GetProperty("parts")[1].GetProperty("value").GetInt32());
    }

    [Theory]
    [InlineData("forge://default/never-used-by-mcp")]
    [InlineData("forge://default/never-used-by-mcp/latest")]
    [InlineData("forge://default/{session}/1")]
    [InlineData("forge://default/{session}/latest/")]
    [InlineData("forge://default/")]
    [InlineData("forge://default")]
    [InlineData("forge://other/{session}")]
    [InlineData("forge://Default/{session}")]
    [InlineData("http://default/{session}")]
    [InlineData("file:///etc/passwd")]
    [InlineData("forge://default/%2e%2e")]
    [InlineData("forge://default/a%2Fb")]
    public async Task Read_WhatIsNotThere_IsRefused(string uri)
    {
        await Http.CreateAsync("m");
        await using var before = await McpCaller.ConnectAsync(Server.Client.BaseAddress!, McpCaller.WithHandshake);
        foreach (var (caller, code) in new[] { (Caller, McpErrorCode.InvalidParams), (before, McpErrorCode.ResourceNotFound) })
        {
            var refused = await Assert.ThrowsAsync<McpProtocolException>(async () => await caller.Client.ReadResourceAsync(
                uri.Replace("{session}", Name, StringComparison.Ordinal), cancellationToken: TestContext.Current.CancellationToken));
            Assert.True(refused.ErrorCode == code || uri.Contains('%', StringComparison.Ordinal), $"{refused.ErrorCode}");
        }
    }

    private async Task<(string? Type, string Text)> ReadTextAsync() =>
        Assert.IsType<TextResourceContents>(await ReadAsync()) is var contents ? (contents.MimeType, contents.Text) : default;

    private async Task<ResourceContents> ReadAsync() => Assert.Single(
        (await Caller.Client.ReadResourceAsync($"forge://default/{Name}/latest", cancellationToken: TestContext.Current.CancellationToken)).Contents);
}
