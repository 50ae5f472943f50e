"""The dense operators of a model as PyTorch modules: bottom layers, interaction, top layers, and what distils a teacher."""

import torch
from torch import nn

from .failures import unsupported


class Layers(nn.Module):
    """Fully connected layers with ReLU between them, and behind the last where it is no output."""

    def __init__(self, widths, ends_in_relu):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(k, n) for k, n in zip(widths, widths[1:]))
        self.ends_in_relu = ends_in_relu

    def forward(self, x):
        last = len(self.layers) - 1
        for at, layer in enumerate(self.layers):
            x = layer(x)
            if at < last or self.ends_in_relu:
                x = torch.relu(x)
        return x


class Concat(nn.Module):
    def __init__(self, _model, width):
        super().__init__()
        self.width = width

    def forward(self, dense, vectors):
        return torch.cat([*([] if dense is None else [dense]), *vectors], dim=1)


class Dot(nn.Module):
    """Products of all pairs of vectors, behind the dense vector."""

    def __init__(self, model, _width):
        super().__init__()
        self.dim = model["tables"][0]["dim"]
        self.dense = model["dense"]
        count = len(model["tables"]) + (1 if self.dense else 0)
        diagonal = 0 if model["interaction"].get("itself") else -1
        # Buffers, so that a captured step reads them where they are.
        rows, columns = torch.tril_indices(count, count, offset=diagonal)
        self.register_buffer("pairs", rows * count + columns)
        self.width = self.pairs.numel() + self.dense

    def forward(self, dense, vectors):
        flat = torch.cat([*([] if dense is None else [dense]), *vectors], dim=1)
        stacked = flat.view(flat.size(0), -1, self.dim)
        products = torch.bmm(stacked, stacked.transpose(1, 2)).flatten(1).index_select(1, self.pairs)
        return products if dense is None else torch.cat([dense, products], dim=1)


class Cross(nn.Module):
    """Low-rank cross layers of DCN v2."""

    def __init__(self, model, width):
        super().__init__()
        self.width = width
        rank, count = model["interaction"]["rank"], model["interaction"]["layers"]
        self.down = nn.ModuleList(nn.Linear(width, rank, bias=False) for _ in range(count))
        self.up = nn.ModuleList(nn.Linear(rank, width) for _ in range(count))

    def forward(self, dense, vectors):
        first = torch.cat([*([] if dense is None else [dense]), *vectors], dim=1)
        x = first
        for down, up in zip(self.down, self.up):
            x = torch.addcmul(x, first, up(down(x)))
        return x


class FactorisationMachine(nn.Module):
    """Half of the squared sum of the vectors less the sum of their squares, beside the vectors."""

    def __init__(self, model, width):
        super().__init__()
        self.dim, self.width = model["tables"][0]["dim"], width + 1

    def forward(self, dense, vectors):
        flat = torch.cat(vectors, dim=1)
        stacked = flat.view(flat.size(0), -1, self.dim)
        pairs = (stacked.sum(1).square() - stacked.square().sum(1)).sum(1, keepdim=True) / 2
        return torch.cat([*([] if dense is None else [dense]), flat, pairs], dim=1)


class WukongLayer(nn.Module):
    def __init__(self, interaction, n, d):
        super().__init__()
        self.d, self.k = d, interaction["rank"]
        fm, compressed = interaction["fm_embeddings"], interaction["compressed_embeddings"]
        self.out = fm + compressed
        projection = interaction.get("projection_mlp")
        self.projection = Layers([n * d, *projection, n * self.k], False) if projection else None
        self.learned = None if projection else nn.Parameter(torch.randn(n, self.k) * n**-0.5)
        self.fm_norm = nn.LayerNorm(n * self.k)
        self.fm_mlp = Layers([n * self.k, *interaction["mlp"], fm * d], False)
        self.compression = nn.Parameter(torch.randn(compressed, n) * n**-0.5)
        self.mixing = None if n == self.out else nn.Parameter(torch.randn(self.out, n) * n**-0.5)
        self.norm = nn.LayerNorm(self.out * d)

    def forward(self, x):
        count = x.size(0)
        y = self.projection(x.flatten(1)).view(count, -1, self.k) if self.projection else self.learned
        # X (Xᵀ Y): both products are small ones of each example.
        machine = torch.matmul(x, torch.matmul(x.transpose(1, 2), y))
        fm = self.fm_mlp(self.fm_norm(machine.flatten(1))).view(count, -1, self.d)
        mixed = torch.cat([fm, torch.matmul(self.compression, x)], dim=1)
        residual = x if self.mixing is None else torch.matmul(self.mixing, x)
        return self.norm((mixed + residual).flatten(1)).view(count, self.out, self.d)


class Wukong(nn.Module):
    def __init__(self, model, _width):
        super().__init__()
        interaction, self.d = model["interaction"], model["tables"][0]["dim"]
        n = len(model["tables"]) + (1 if model["dense"] else 0)
        self.embedding = nn.Linear(model["dense"], self.d) if model["dense"] else None
        layers = []
        for _ in range(interaction["layers"]):
            layers.append(WukongLayer(interaction, n, self.d))
            n = layers[-1].out
        self.layers = nn.ModuleList(layers)
        self.width = n * self.d

    def forward(self, dense, vectors):
        flat = torch.cat([*([] if dense is None else [self.embedding(dense)]), *vectors], dim=1)
        x = flat.view(flat.size(0), -1, self.d)
        for layer in self.layers:
            x = layer(x)
        return x.flatten(1)


_interactions = {
    "cat": Concat,
    "dot": Dot,
    "dcnv2": Cross,
    "fm": FactorisationMachine,
    "wukong": Wukong,
}


class Backbone(nn.Module):
    """From the bottom's output and pooled vectors to the serving head's input and its logit."""

    def __init__(self, model):
        super().__init__()
        kind = model["interaction"]["kind"]
        if kind not in _interactions:
            raise unsupported(f"interaction {kind}: there are {', '.join(_interactions)}")
        flat = sum(table["dim"] for table in model["tables"]) + model["dense"]
        self.interaction = _interactions[kind](model, flat)
        widths = [self.interaction.width, *model["top"]]
        if widths[-1] != 1:
            raise unsupported(f"{widths[-1]} outputs: a loss reads one logit")
        self.hidden = Layers(widths[:-1], True) if len(widths) > 2 else nn.Identity()
        self.serving = nn.Linear(widths[-2], 1)
        self.width = widths[-2]

    def forward(self, dense, vectors):
        features = self.hidden(self.interaction(dense, vectors))
        return features, self.serving(features)


def bottom_of(model):
    """The layers of the dense features, or None where these pass by unchanged."""
    widths = model["bottom"]
    return Layers([model["features"], *widths], True) if widths else None
