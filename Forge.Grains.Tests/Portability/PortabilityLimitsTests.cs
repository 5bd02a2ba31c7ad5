using Forge.Checkpoints;
using Forge.Client;
using Forge.Errors;
using Forge.Grains.Hosting;
using Forge.Grains.Rules;
using Forge.Grains.Tests.Sessions;
using Forge.History.Stores;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Tests.Portability;

/// <summary>Limits that are far off by default.</summary>
public sealed class PortabilityLimitsTests(PortabilityLimitsTests.Fixture fixture) : IClassFixture<PortabilityLimitsTests.Fixture>
{
    private ForgeClient Client => new(fixture.Cluster.Grains, Options.Create(new ForgeClientOptions()), TimeProvider.System);

    private ScriptedHistoryStore Store => (ScriptedHistoryStore)fixture.Cluster.Service<IHistoryStore>();

    [Fact]
    public async Task Export_ReadMoreSlowlyThanItMay_EndsByATypedError()
    {
        var session = fixture.Cluster.Session(Make.Id());
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        Store.OnSnapshot = snapshot => new WrappedSnapshot(snapshot, row => row) { Pause = TimeSpan.FromSeconds(1.1) };

        var error = await Assert.ThrowsAsync<OverLimitException>(() => session.ExportAllAsync());
        Store.OnSnapshot = null;

        Assert.Equal(("export", 1, "seconds"), (error.Field, error.Limit, error.Unit));
    }

    [Fact]
    public async Task Import_MoreBytesThanItMay_IsRefused()
    {
        var session = fixture.Cluster.Session(Make.Id());
        var piece = new byte[1024 * 1024];
        Array.Fill(piece, (byte)' ');
        piece[0] = (byte)'{';
        var golden = DocumentSamples.Bytes(DocumentSamples.Lines(DocumentSamples.Golden("session-v1.ndjson"))[0] + "\n");
        var ticket = await session.BeginImportAsync();
        await session.AppendImportAsync(ticket, 0, golden);

        var error = await Assert.ThrowsAsync<OverLimitException>(async () =>
        {
            for (var i = 1; i < 100; i++)
            {
                await session.AppendImportAsync(ticket, i, piece);
            }
        });

        Assert.Equal(("import", Fixture.ImportBytes, "bytes"), (error.Field, error.Limit, error.Unit));
        Assert.Null(await session.GetInfoAsync());
        await Assert.ThrowsAsync<ImportRejectedException>(() => session.CompleteImportAsync(ticket));
    }

    [Fact]
    public async Task Annotate_MoreThanACheckpointMayHave_IsRefused()
    {
        var session = fixture.Cluster.Session(Make.Id());
        await session.CreateAsync("1");
        await session.AnnotateAsync(1, AnnotationSeverity.Info, "1");
        await session.AnnotateAsync(1, AnnotationSeverity.Info, "2");

        var error = await Assert.ThrowsAsync<OverLimitException>(() => session.AnnotateAsync(1, AnnotationSeverity.Info, "3"));

        Assert.Equal(("annotations", 2L, 3L), (error.Field, error.Limit, error.Actual));
        Assert.Equal(2, (await session.GetAsync(1))!.Annotations.Count);
    }

    [Fact]
    public async Task Annotate_AtOneMoment_WhatComesOfItCanBeExportedAndImported()
    {
        var session = fixture.Cluster.Session(Make.Id());
        await session.CreateAsync("1");
        var made = await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            try
            {
                return await session.AnnotateAsync(1, AnnotationSeverity.Info, $"{i}");
            }
            catch (OverLimitException)
            {
                return null;
            }
        }));
        var notes = made.Count(note => note is not null);
        Assert.True(notes > 2, "None of them overlapped.");

        var copy = fixture.Cluster.Session(Make.Id());
        await copy.ImportAllAsync(await session.ExportAllAsync());

        Assert.Equal(notes, (await copy.GetAsync(1))!.Annotations.Count);
    }

    [Fact]
    public async Task Import_OfWhatWasSavedUnderWiderLimits_IsTaken()
    {
        var limits = fixture.Cluster.Service<IOptions<LimitsOptions>>().Value;
        var (session, copy) = (fixture.Cluster.Session(Make.Id()), fixture.Cluster.Session(Make.Id()));
        var wide = Make.Checkpoint(new string('m', 200)) with { State = new byte[20_000], Tags = ["a", "b", new string('t', 100)] };
        await session.CreateAsync(wide);
        await session.AnnotateAsync(1, AnnotationSeverity.Info, new string('n', 300));
        await session.SetSettingsAsync(new() { Labels = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" } });
        var document = await session.ExportAllAsync();
        var (state, message, tags, tag, annotation, labels) =
            (limits.StateBytes, limits.MessageBytes, limits.Tags, limits.TagCharacters, limits.AnnotationBytes, limits.Labels);
        (limits.StateBytes, limits.MessageBytes, limits.Tags, limits.TagCharacters, limits.AnnotationBytes, limits.Labels) =
            (1000, 10, 1, 10, 10, 1);
        try
        {
            await Assert.ThrowsAsync<OverLimitException>(() => copy.CreateAsync(wide));
            Assert.Equal(1, (await copy.ImportAllAsync(document)).Imported);
        }
        finally
        {
            (limits.StateBytes, limits.MessageBytes, limits.Tags, limits.TagCharacters, limits.AnnotationBytes, limits.Labels) =
                (state, message, tags, tag, annotation, labels);
        }

        Assert.Equal(
            DocumentSamples.Lines(System.Text.Encoding.UTF8.GetString(document))[1..],
            DocumentSamples.Lines(System.Text.Encoding.UTF8.GetString(await copy.ExportAllAsync()))[1..]);
    }

    [Fact]
    public async Task Import_OfTheEarlierToolsDocument_IsHeldToTheLimitsOfNow()
    {
        var document = DocumentSamples.Bytes(DocumentSamples.Golden("earlier-1.0.json"));
        var limits = fixture.Cluster.Service<IOptions<LimitsOptions>>().Value;
        var (strict, session) = (Client.Tenant(Make.Id("strict")), Client.Session(Make.Id()));
        await strict.SetSettingsAsync(new() { MaxStateBytes = 60 });

        var ofTenant = await Assert.ThrowsAsync<ImportRejectedException>(() => strict.Session("s").ImportAsync(new MemoryStream(document)));
        Assert.Equal(("state", 60L), Limit(ofTenant));
        Assert.Contains("checkpoint 0 of it", ofTenant.Problem, StringComparison.Ordinal);
        Assert.Null(await fixture.Cluster.Session("s", strict.Id.Value).GetInfoAsync());
        var state = limits.StateBytes;
        try
        {
            limits.StateBytes = 70;
            var ofSilo = await Assert.ThrowsAsync<ImportRejectedException>(() => session.ImportAsync(new MemoryStream(document)));
            Assert.Equal(("state", 70L), Limit(ofSilo));
            limits.StateBytes = state;
            Assert.Equal(4, (await session.ImportAsync(new MemoryStream(document))).Imported);

            // What is there already is no matter of limits.
            limits.StateBytes = 70;
            Assert.Equal(4, (await session.ImportAsync(new MemoryStream(document))).Skipped);
        }
        finally
        {
            limits.StateBytes = state;
        }

        static (string, long) Limit(Exception refusal)
        {
            for (var cause = refusal; cause is not null; cause = cause.InnerException)
            {
                if (cause is OverLimitException limit)
                {
                    return (limit.Field, limit.Limit);
                }
            }

            return default;
        }
    }

    public sealed class Fixture : ClusterFixture
    {
        public const long ImportBytes = 8 * 1024 * 1024;

        internal override Task<ClusterSetup> PrepareAsync() => Task.FromResult(new ClusterSetup(1, options =>
        {
            options.Database = ForgeDatabase.Memory;
            options.Limits.Annotations = 2;
            options.Limits.ExportDuration = TimeSpan.FromSeconds(1);
            options.Limits.ImportBytes = ImportBytes;
        })
        {
            Decorate = store => new ScriptedHistoryStore(store),
        });
    }
}
