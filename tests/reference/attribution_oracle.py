"""Independent float64 oracle for the analyses of docs/analysis.md (pure stdlib; written from the formulas, no third-party code).
Tiny Qwen2-shaped model, weights from SplitMix64 so that any language can regenerate them.
Run: python3 attribution_oracle.py  -> checks identities, writes attribution_fixture.json"""
import json, math
M64=(1<<64)-1
class Rng:
    """SplitMix64; next() = uniform double in [-1,1) = (top 53 bits)*2^-52 - 1"""
    def __init__(s,seed): s.x=seed&M64
    def next(s):
        s.x=(s.x+0x9E3779B97F4A7C15)&M64; z=s.x
        z=((z^(z>>30))*0xBF58476D1CE4E5B9)&M64; z=((z^(z>>27))*0x94D049BB133111EB)&M64; z^=z>>31
        return (z>>11)*2.0**-52-1.0
    def vec(s,n,a,c=0.0): return [c+a*s.next() for _ in range(n)]
    def mat(s,r,c,a): return [s.vec(c,a) for _ in range(r)]   # row-major [out][in]
L,D,H,KV,DH,F,V,EPS,BASE=3,16,4,2,4,24,23,1e-6,10000.0
REP=H//KV
def build(seed=20240607):
    g=Rng(seed); m={'E':g.mat(V,D,1.0),'layers':[]}
    for _ in range(L):   # order of draws is part of the fixture contract
        m['layers'].append(dict(n1=g.vec(D,0.4,1.0),
          Wq=g.mat(H*DH,D,0.5),bq=g.vec(H*DH,0.5),Wk=g.mat(KV*DH,D,0.5),bk=g.vec(KV*DH,0.5),
          Wv=g.mat(KV*DH,D,0.5),bv=g.vec(KV*DH,0.5),Wo=g.mat(D,H*DH,0.5),
          n2=g.vec(D,0.4,1.0),Wg=g.mat(F,D,0.5),Wu=g.mat(F,D,0.5),Wd=g.mat(D,F,0.4)))
    m['nf']=g.vec(D,0.4,1.0); m['U']=g.mat(V,D,0.7)
    return m
dot=lambda a,b: math.fsum(x*y for x,y in zip(a,b))
add=lambda a,b: [x+y for x,y in zip(a,b)]
sub=lambda a,b: [x-y for x,y in zip(a,b)]
mv=lambda W,x: [dot(r,x) for r in W]
def sig(x): return math.sqrt(dot(x,x)/len(x)+EPS)
def rms(x,w,s=None):
    s=sig(x) if s is None else s
    return [w_*v/s for w_,v in zip(w,x)]
def rope(v,p):      # rotate-half, per head of DH
    h=DH//2; o=[0.0]*DH
    for i in range(h):
        a=p*BASE**(-2.0*i/DH); c,s=math.cos(a),math.sin(a)
        o[i]=v[i]*c-v[i+h]*s; o[i+h]=v[i+h]*c+v[i]*s
    return o
def heads(v,n): return [v[i*DH:(i+1)*DH] for i in range(n)]
def softmax(s):
    mx=max(s); e=[math.exp(x-mx) for x in s]; t=math.fsum(e); return [x/t for x in e]
silu=lambda x:x/(1+math.exp(-x))
def forward(m,toks,resid=None,start=0,hooks=None):
    """hooks: dict name-> f(value) for ('q'|'k'|'v',layer): value [pos][head][dh] pre-RoPE;
       k/v given UNGROUPED ([pos][H][dh]) so that single-query-head edits are possible; ('resid_pre',l): [pos][D]; ('z',l)."""
    hooks=hooks or {}; T=len(toks) if toks is not None else len(resid)
    x=[list(m['E'][t]) for t in toks] if resid is None else [list(r) for r in resid]
    c={'embed':[list(r) for r in x],'pre':{},'mid':{},'post':{},'s1':{},'s2':{},'q':{},'k':{},'v':{},'A':{},'z':{},'attn':{},'mlp':{}}
    hk=lambda n,l,val: hooks[(n,l)](val) if (n,l) in hooks else val
    for l in range(start,L):
        w=m['layers'][l]; x=hk('resid_pre',l,x); c['pre'][l]=x
        s1=[sig(r) for r in x]; c['s1'][l]=s1; n=[rms(r,w['n1'],s) for r,s in zip(x,s1)]
        q=[heads(add(mv(w['Wq'],r),w['bq']),H) for r in n]
        k=[[h for h in heads(add(mv(w['Wk'],r),w['bk']),KV) for _ in range(REP)] for r in n]
        v=[[h for h in heads(add(mv(w['Wv'],r),w['bv']),KV) for _ in range(REP)] for r in n]
        q,k,v=hk('q',l,q),hk('k',l,k),hk('v',l,v); c['q'][l],c['k'][l],c['v'][l]=q,k,v
        qr=[[rope(h,p) for h in r] for p,r in enumerate(q)]; kr=[[rope(h,p) for h in r] for p,r in enumerate(k)]
        A=[[softmax([dot(qr[p][h],kr[j][h])/math.sqrt(DH) for j in range(p+1)])+[0.0]*(T-1-p) for p in range(T)] for h in range(H)]
        A=hk('pattern',l,A); c['A'][l]=A
        z=[[[math.fsum(A[h][p][j]*v[j][h][d] for j in range(p+1)) for d in range(DH)] for h in range(H)] for p in range(T)]
        z=hk('z',l,z); c['z'][l]=z
        a=[mv(w['Wo'],[y for h in r for y in h]) for r in z]; a=hk('attn_out',l,a); c['attn'][l]=a
        mid=[add(r,b) for r,b in zip(x,a)]; c['mid'][l]=mid
        s2=[sig(r) for r in mid]; c['s2'][l]=s2; n2=[rms(r,w['n2'],s) for r,s in zip(mid,s2)]
        o=[mv(w['Wd'],[silu(gg)*uu for gg,uu in zip(mv(w['Wg'],r),mv(w['Wu'],r))]) for r in n2]; o=hk('mlp_out',l,o); c['mlp'][l]=o
        x=[add(r,b) for r,b in zip(mid,o)]; c['post'][l]=x
    sf=[sig(r) for r in x]; c['sf']=sf
    c['logits']=[mv(m['U'],rms(r,m['nf'],s)) for r,s in zip(x,sf)]
    return c
def head_result(m,c,l,h,p):
    Wo=m['layers'][l]['Wo']; z=c['z'][l][p][h]
    return [math.fsum(Wo[i][h*DH+d]*z[d] for d in range(DH)) for i in range(D)]
def attention(m,c):
    """Scores q.k/sqrt(d_h) of rotated queries and keys, patterns, |v| and |v W_O| against the longest of the prompt, with the written vector itself,
       and the rollout of Abnar & Zuidema 2020: mean over heads, half of it the identity, rows renormalised, multiplied over the layers."""
    T=len(c['embed']); norm=lambda x: math.sqrt(dot(x,x)); over=lambda x: [y/max(x) for y in x]; a={'pattern':[],'score':[],'value_factor':[],'info_factor':[]}
    roll=[[float(i==j) for j in range(T)] for i in range(T)]
    for l in range(L):
        Wo=m['layers'][l]['Wo']; wr=lambda v,h: [math.fsum(Wo[i][h*DH+d]*v[d] for d in range(DH)) for i in range(D)]
        a['pattern'].append(c['A'][l])
        a['score'].append([[[dot(rope(c['q'][l][p][h],p),rope(c['k'][l][j][h],j))/math.sqrt(DH) for j in range(p+1)] for p in range(T)] for h in range(H)])
        a['value_factor'].append([over([norm(c['v'][l][j][h]) for j in range(T)]) for h in range(H)])
        a['info_factor'].append([over([norm(wr(c['v'][l][j][h],h)) for j in range(T)]) for h in range(H)])
        mix=[[math.fsum(c['A'][l][h][p][j] for h in range(H))/H/2+(p==j)/2 for j in range(T)] for p in range(T)]
        mix=[[x/math.fsum(r) for x in r] for r in mix]
        roll=[[math.fsum(mix[p][k]*roll[k][j] for k in range(T)) for j in range(T)] for p in range(T)]
    a['rollout']=roll; return a
def direction(m,a,b=None):
    u=m['U'][a] if b is None else sub(m['U'][a],m['U'][b])
    return [g*x for g,x in zip(m['nf'],u)]
def dla(m,c,p,a,b=None):
    u=direction(m,a,b); s=c['sf'][p]; at=lambda x: dot(x,u)/s
    comp=[('embed',at(c['embed'][p]))]
    for l in range(L): comp+= [(f'{l}_attn_out',at(c['attn'][l][p])),(f'{l}_mlp_out',at(c['mlp'][l][p]))]
    head=[(f'L{l}H{h}',at(head_result(m,c,l,h,p))) for l in range(L) for h in range(H)]
    head.append(('remainder',at(c['post'][L-1][p])-math.fsum(v for _,v in head)))
    acc=[]; lens=[]
    for l in range(L):
        for n,x in ((f'{l}_pre',c['pre'][l][p]),(f'{l}_mid',c['mid'][l][p])):
            acc.append((n,at(x))); lens.append((n,dot(x,u)/sig(x)))
    x=c['post'][L-1][p]; acc.append(('final_post',at(x))); lens.append(('final_post',dot(x,u)/sig(x)))
    # value-bias share of each head (constant over prompts), and per-source-token split of each head
    bias=[]; src=[]
    for l in range(L):
        w=m['layers'][l]
        for h in range(H):
            wo_u=[math.fsum(w['Wo'][i][h*DH+d]*u[i] for i in range(D)) for d in range(DH)]
            bv=w['bv'][(h//REP)*DH:(h//REP+1)*DH]
            bias.append((f'L{l}H{h}',dot(bv,wo_u)/s))
            src.append((f'L{l}H{h}',[c['A'][l][h][p][j]*dot(c['v'][l][j][h],wo_u)/s for j in range(p+1)]))
    return dict(component=comp,head=head,accumulated=acc,lens=lens,value_bias=bias,by_source=src)
def lens_spread(m,c,p):
    """entropy of each state's prediction, and KL(final || state), in nats"""
    def logs(x):
        z=mv(m['U'],rms(x,m['nf'],sig(x))); top=max(z); n=top+math.log(math.fsum(math.exp(t-top) for t in z)); return [t-n for t in z]
    rows=[(n,logs(c[k][l][p])) for l in range(L) for n,k in ((f'{l}_pre','pre'),(f'{l}_mid','mid'))]+[('final_post',logs(c['post'][L-1][p]))]
    end=rows[-1][1]
    return [(n,-math.fsum(math.exp(t)*t for t in q),math.fsum(math.exp(f)*(f-t) for f,t in zip(end,q))) for n,q in rows]
def delta_comp(m,cc,xc,sl,sh,dl,comp,dh,renorm=False):
    """per-position delta of q/k/v (pre-RoPE) of query head dh at layer dl, for source head (sl,sh)"""
    w=m['layers'][dl]; T=len(xc['logits']); row=dh if comp=='q' else dh//REP
    W=w['W'+comp][row*DH:(row+1)*DH]; out=[]
    for p in range(T):
        dr=sub(head_result(m,cc,sl,sh,p),head_result(m,xc,sl,sh,p)); x=xc['pre'][dl][p]
        dn=rms(dr,w['n1'],xc['s1'][dl][p]) if not renorm else sub(rms(add(x,dr),w['n1']),rms(x,w['n1']))
        out.append(mv(W,dn))
    return out
def dpp(m,cc,xc,corr,metric,sl,sh,comp,group=False,renorm=False,restart=False):
    res={}
    for dl in range(sl+1,L):
        for dh in range(KV if group else H):
            q0=dh*REP if group else dh
            dv=delta_comp(m,cc,xc,sl,sh,dl,comp,q0,renorm)
            tgt=range(q0,q0+REP) if group else [q0]
            f=lambda val:[[add(hv,dv[p]) if h in tgt else hv for h,hv in enumerate(r)] for p,r in enumerate(val)]
            c=forward(m,corr,hooks={(comp,dl):f}) if not restart else forward(m,None,resid=xc['pre'][dl],start=dl,hooks={(comp,dl):f})
            res[f'{dl},{dh}']=metric(c['logits'])
    return res

def fast_dpp(m,cc,xc,clean,corr,metric_pos,metric,sl,sh,comp,group=False):
    """Same numbers as dpp() from: cached corrupted run + only the edited head(s) at the destination layer + only positions >= first
    differing token + only metric positions in the last layer. Returns (results, rows_processed) ; rows = (layer,position) block evaluations."""
    T=len(corr); p0=next(i for i in range(T) if clean[i]!=corr[i]); res={}; rows=0
    for dl in range(sl+1,L):
        for dh in range(KV if group else H):
            q0=dh*REP if group else dh; tgt=list(range(q0,q0+REP)) if group else [q0]
            dv=delta_comp(m,cc,xc,sl,sh,dl,comp,q0); w=m['layers'][dl]; mid={}
            need=[p for p in range(p0,T) if dl<L-1 or p in metric_pos]
            for p in need:
                da=[0.0]*D
                for h in tgt:
                    q=rope(add(xc['q'][dl][p][h],dv[p]) if comp=='q' else xc['q'][dl][p][h],p)
                    ks=[rope(add(xc['k'][dl][j][h],dv[j]) if comp=='k' and j>=p0 else xc['k'][dl][j][h],j) for j in range(p+1)]
                    A=softmax([dot(q,k)/math.sqrt(DH) for k in ks]) if comp!='v' else xc['A'][dl][h][p][:p+1]
                    z=[math.fsum(A[j]*(xc['v'][dl][j][h][d]+(dv[j][d] if comp=='v' and j>=p0 else 0.0)) for j in range(p+1)) for d in range(DH)]
                    dz=sub(z,xc['z'][dl][p][h])
                    for i in range(D): da[i]+=math.fsum(w['Wo'][i][h*DH+d]*dz[d] for d in range(DH))
                mid[p]=add(xc['mid'][dl][p],da)
            x={}
            def mlp(w,r):
                n2=rms(r,w['n2']); return add(r,mv(w['Wd'],[silu(g)*u for g,u in zip(mv(w['Wg'],n2),mv(w['Wu'],n2))]))
            for p in need: x[p]=mlp(w,mid[p]); rows+=1
            for l in range(dl+1,L):
                w=m['layers'][l]; kk={j:[rope(h,j) for h in xc['k'][l][j]] for j in range(p0)}; vv={j:xc['v'][l][j] for j in range(p0)}; nn={}
                for p in x:
                    nn[p]=rms(x[p],w['n1'])
                    kk[p]=[rope(h,p) for h in heads(add(mv(w['Wk'],nn[p]),w['bk']),KV) for _ in range(REP)]
                    vv[p]=[h for h in heads(add(mv(w['Wv'],nn[p]),w['bv']),KV) for _ in range(REP)]
                y={}
                for p in x:
                    if l==L-1 and p not in metric_pos: continue
                    q=[rope(h,p) for h in heads(add(mv(w['Wq'],nn[p]),w['bq']),H)]; z=[]
                    for h in range(H):
                        A=softmax([dot(q[h],kk[j][h])/math.sqrt(DH) for j in range(p+1)])
                        z+=[math.fsum(A[j]*vv[j][h][d] for j in range(p+1)) for d in range(DH)]
                    y[p]=mlp(w,add(x[p],mv(w['Wo'],z))); rows+=1
                x=y
            res[f'{dl},{dh}']=metric({p:rms(x[p],m['nf']) for p in x})
    return res,rows
def detect(A,toks,kind,measure,first=False,cur=False):
    n=len(toks); Dm=[[0.0]*n for _ in range(n)]
    for i in range(n):
        for j in range(i+1):
            if kind=='previous': Dm[i][j]=float(j==i-1)
            elif kind=='duplicate': Dm[i][j]=float(j<i and toks[i]==toks[j])
            else: Dm[i][j]=float(j>=1 and j-1<i and toks[j-1]==toks[i])
    ok=lambda i,j: not(first and j==0) and not(cur and i==j)
    if measure=='mul':
        den=math.fsum(A[i][j] for i in range(n) for j in range(n) if ok(i,j))
        return math.fsum(A[i][j]*Dm[i][j] for i in range(n) for j in range(n) if ok(i,j))/den
    return 1-math.fsum(abs(A[i][j]-Dm[i][j]) for i in range(n) for j in range(n) if ok(i,j))/n
if __name__=='__main__':
    m=build(); clean=[3,7,11,2,7,11,5]; corr=[3,7,11,9,7,11,5]; a,b=4,13
    cc,xc=forward(m,clean),forward(m,corr); T=len(clean)
    metric=lambda lg: lg[-1][a]-lg[-1][b]
    mc,mx=metric(cc['logits']),metric(xc['logits'])
    d=dla(m,cc,T-1,a,b); d1=dla(m,cc,T-1,a); S=lambda r: math.fsum(v for _,v in r)
    chk=[]; C=lambda n,x,y,t=1e-11: chk.append((n,abs(x-y))) or (_ for _ in ()).throw(AssertionError((n,x,y))) if abs(x-y)>t else chk.append((n,abs(x-y)))
    C('component sum = logit diff',S(d['component']),mc); C('head sum = logit diff',S(d['head']),mc)
    C('single logit',S(d1['component']),cc['logits'][-1][a]); C('final_post = logit diff',d['accumulated'][-1][1],mc); C('lens last',d['lens'][-1][1],mc)
    comp=dict(d['component']); hd=dict(d['head']); by=dict(d['by_source']); vb=dict(d['value_bias'])
    for l in range(L):
        C(f'heads of layer {l} = attn_out',math.fsum(hd[f'L{l}H{h}'] for h in range(H)),comp[f'{l}_attn_out'])
        for h in range(H): C('by source',math.fsum(by[f'L{l}H{h}']),hd[f'L{l}H{h}'])
    C('remainder = embed + mlps',hd['remainder'],comp['embed']+math.fsum(comp[f'{l}_mlp_out'] for l in range(L)))
    # telescoping: accumulated differences are the components
    acc=[v for _,v in d['accumulated']]; cv=[v for _,v in d['component']]
    C('acc[0]=embed',acc[0],cv[0])
    for i in range(1,len(acc)): C('telescoping',acc[i]-acc[i-1],cv[i])
    # value-bias shift: zeroing b_V and adding its constant back after W_O reproduces the model
    import copy; m2=copy.deepcopy(m); extra=[]
    for l in range(L):
        w=m2['layers'][l]; bv=[y for h in range(H) for y in w['bv'][(h//REP)*DH:(h//REP+1)*DH]]; extra.append(mv(w['Wo'],bv)); w['bv']=[0.0]*(KV*DH)
    c2=forward(m2,clean,hooks={('attn_out',l):(lambda val,l=l:[add(r,extra[l]) for r in val]) for l in range(L)})
    C('folded value bias logits',c2['logits'][-1][a],cc['logits'][-1][a])
    d2=dla(m2,c2,T-1,a,b)
    for (n,v),(n2,v2) in zip(d['head'][:-1],d2['head'][:-1]): C('head minus bias',v-vb[n],v2)
    C('folded remainder',dict(d2['head'])['remainder'],hd['remainder']+S(d['value_bias']))
    out=dict(config=dict(L=L,D=D,H=H,KV=KV,DH=DH,F=F,V=V,eps=EPS,base=BASE,seed=20240607),clean=clean,corrupted=corr,answer=a,foil=b,
      clean_last_logits=cc['logits'][-1],corrupted_last_logits=xc['logits'][-1],metric_clean=mc,metric_corrupted=mx,dla_diff=d,dla_single=d1,
      final_scale_clean=cc['sf'],ln1_scale_corrupted={l:xc['s1'][l] for l in range(L)},dpp={},act={},heads={})
    for comp_ in 'qkv':
        for group in ((False,) if comp_=='q' else (False,True)):
            for renorm in (False,True):
                key=f"{comp_}{'/kvgroup' if group else '/queryhead'}{'/recomputed' if renorm else '/frozen'}"; out['dpp'][key]={}
                for sl in range(L-1):
                    for sh in range(H):
                        r=dpp(m,cc,xc,corr,metric,sl,sh,comp_,group,renorm); r2=dpp(m,cc,xc,corr,metric,sl,sh,comp_,group,renorm,restart=True)
                        for k in r: C('restart = full',r[k],r2[k],1e-12)
                        out['dpp'][key][f'{sl},{sh}']=r
        r=dpp(m,cc,cc,clean,metric,0,0,comp_)
        for k in r: C('null patch',r[k],mc,1e-12)

    # fast algorithm: tail-only, edited-head-only, metric-position cut, two unembedding rows only
    du=[p_-q_ for p_,q_ in zip(m['U'][a],m['U'][b])]; fm=lambda fin: dot(fin[T-1],du); tot=ref=0
    for comp_ in 'qkv':
        for group in ((False,) if comp_=='q' else (False,True)):
            for sl in range(L-1):
                for sh in range(H):
                    r,rows=fast_dpp(m,cc,xc,clean,corr,[T-1],fm,sl,sh,comp_,group); r0=out['dpp'][f"{comp_}{'/kvgroup' if group else '/queryhead'}/frozen"][f'{sl},{sh}']
                    tot+=rows; ref+=len(r)*L*T
                    for k in r: C('fast = reference',r[k],r0[k],1e-12)
    print('block rows fast',tot,'reference',ref,'ratio',round(ref/tot,2))
    # additivity of direct paths at a destination input (frozen scale): embed + heads + MLPs = whole residual difference
    for dl in range(1,L):
        w=m['layers'][dl]
        for p in range(T):
            parts=[sub(cc['embed'][p],xc['embed'][p])]+[sub(cc['mlp'][l][p],xc['mlp'][l][p]) for l in range(dl)]+[sub(head_result(m,cc,l,h,p),head_result(m,xc,l,h,p)) for l in range(dl) for h in range(H)]
            tot_=[math.fsum(c) for c in zip(*parts)]; whole=sub(cc['pre'][dl][p],xc['pre'][dl][p]); s1=xc['s1'][dl][p]
            for x_,y_ in zip(mv(w['Wq'],rms(tot_,w['n1'],s1)),mv(w['Wq'],rms(whole,w['n1'],s1))): C('additivity',x_,y_,1e-12)
    # first-order property: effect of an eps-scaled patch / eps converges (basis for attribution patching)
    def eps_effect(e):
        dv=delta_comp(m,cc,xc,0,1,2,'q',2); f=lambda val:[[add(hv,[e*t for t in dv[p]]) if h==2 else hv for h,hv in enumerate(r)] for p,r in enumerate(val)]
        return (metric(forward(m,corr,hooks={('q',2):f})['logits'])-mx)/e
    out['attribution_example']=dict(src='0,1',dst='2,2',component='q',first_order=(eps_effect(1e-4)+eps_effect(-1e-4))/2,exact=eps_effect(1.0)); print(out['attribution_example'])
    # positions before the first differing token carry zero delta
    p0=next(i for i in range(T) if clean[i]!=corr[i])
    for l in range(L):
        for h in range(H):
            for p in range(p0): C('prefix delta',max(map(abs,sub(head_result(m,cc,l,h,p),head_result(m,xc,l,h,p)))),0.0,0.0)
    # activation patching: resid_pre by position, z by head (all positions), whole-row z and layer-0 identities
    out['act']['resid_pre']=[[metric(forward(m,corr,hooks={('resid_pre',l):lambda x,l=l,p=p:[cc['pre'][l][i] if i==p else r for i,r in enumerate(x)]})['logits']) for p in range(T)] for l in range(L)]
    for p in range(p0): C('unchanged position',out['act']['resid_pre'][0][p],mx,1e-12)
    C('layer0 at the differing position = clean',out['act']['resid_pre'][0][p0],mc,1e-11)
    out['act']['z_all_pos']=[[metric(forward(m,corr,hooks={('z',l):lambda z,l=l,h=h:[[cc['z'][l][p][i] if i==h else hv for i,hv in enumerate(r)] for p,r in enumerate(z)]})['logits']) for h in range(H)] for l in range(L)]
    rep=[1,6,9,12,6,9,12]; rc=forward(m,rep)
    for kind in ('previous','duplicate','induction'):
        for ms in ('mul','abs'):
            for fl,(f_,c_) in dict(none=(0,0),first=(1,0),current=(0,1),both=(1,1)).items():
                out['heads'][f'{kind}/{ms}/{fl}']=[[detect(rc['A'][l][h],rep,kind,ms,f_,c_) for h in range(H)] for l in range(L)]
    out['attention']=attention(m,cc)
    for r in out['attention']['rollout']: C('rollout row',math.fsum(r),1.0,1e-12)
    reg=[1,6,9,12]; gc=forward(m,reg)
    for ms in ('mul','abs'): C('no pattern -> 0',detect(gc['A'][0][0],reg,'duplicate',ms),0.0,1e-12)
    # how far the frozen-scale approximation is from the true re-normalised patch in this model
    f=out['dpp']['q/queryhead/frozen']; g=out['dpp']['q/queryhead/recomputed']
    print('max |frozen-recomputed| q:',max(abs(f[s][k]-g[s][k]) for s in f for k in f[s]),' effect size max:',max(abs(f[s][k]-mx) for s in f for k in f[s]))
    for c_ in 'kv':
        f=out['dpp'][f'{c_}/queryhead/frozen']; gk=out['dpp'][f'{c_}/kvgroup/frozen']; print(c_,'effects qhead',{k:round(v-mx,4) for k,v in f['0,0'].items()},'group',{k:round(v-mx,4) for k,v in gk['0,0'].items()})
    print('checks',len(chk),'worst',max(x for _,x in chk)); print('metric clean',mc,'corrupted',mx)
    print([(n,round(v,5)) for n,v in d['component']]); print([(n,round(v,5)) for n,v in d['head']]); print([(n,round(v,5)) for n,v in d['accumulated']]); print([(n,round(v,5)) for n,v in d['lens']])
    out['lens_spread']=lens_spread(m,cc,T-1)
    for n,h,k in out['lens_spread']: C('entropy in [0, log V]',min(0,h,math.log(V)-h),0.0,0.0); C('divergence >= 0',min(0,k),0.0,1e-15)
    C('the final state does not diverge',out['lens_spread'][-1][2],0.0,0.0); print(out['lens_spread'])
    json.dump(out,open('attribution_fixture.json','w'),indent=0)
