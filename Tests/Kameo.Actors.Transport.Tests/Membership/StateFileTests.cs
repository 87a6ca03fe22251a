using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Log;

namespace Kameo.Actors.Transport.Tests.Membership;

/// <summary>What a steward keeps over a restart.</summary>
public sealed class StateFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kameo-state-");
    private readonly SecretKey _key = SecretKey.Generate();

    [Fact]
    public void What_was_written_last_is_read_after_a_restart()
    {
        StewardState state = Sample(term: 3);
        using (var first = StateFile.Open(_folder.FullName))
        {
            Assert.Null(first.Read(_key.Id));
            first.Write(Sample(term: 2));
            first.Write(state);
        }

        using var second = StateFile.Open(_folder.FullName);
        StewardState read = second.Read(_key.Id)!;
        Assert.Equal((state.Self, state.Term, state.VotedFor), (read.Self, read.Term, read.VotedFor));
        Assert.True(read.Base.View.SameAs(state.Base.View));
        second.Delete();
        Assert.Null(second.Read(_key.Id));
    }

    [Fact]
    public void A_directory_has_one_node_at_a_time()
    {
        using var first = StateFile.Open(_folder.FullName);
        TransportException refused = Assert.Throws<TransportException>(() => StateFile.Open(_folder.FullName));
        Assert.Contains(_folder.FullName, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_read_is_an_error_and_not_a_fresh_start()
    {
        using var file = StateFile.Open(_folder.FullName);
        file.Write(Sample(term: 1));
        using SecretKey other = SecretKey.Generate();
        Assert.Contains("belongs to the node", Assert.Throws<TransportException>(() => file.Read(other.Id)).Message, StringComparison.Ordinal);
        string path = Directory.GetFiles(_folder.FullName, "*.state").Single();
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^3]);
        Assert.Throws<TransportException>(() => file.Read(_key.Id));
        File.WriteAllBytes(path, []);
        Assert.Throws<TransportException>(() => file.Read(_key.Id));
    }

    public void Dispose()
    {
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    private StewardState Sample(long term)
    {
        var self = new MemberId(_key.Id, new Incarnation(7));
        View view = View.Found(new ClusterId(1, 2), 10, new Member { Id = self, Address = "127.0.0.1:1" }, waitsFirst: false);
        return new StewardState(self, term, self, new LogPoint(1, 1, null, view, new Electorate([self], null)), [], 1);
    }
}
